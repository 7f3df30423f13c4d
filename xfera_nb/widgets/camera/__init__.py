"""The camera: a face measured frame by frame, without a screen and with one."""
