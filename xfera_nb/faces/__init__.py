"""From a photo to aligned faces: reading, detection, 68 landmarks and the 224x224 crop."""
