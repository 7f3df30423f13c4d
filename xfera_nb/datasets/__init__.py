"""Photos to look at and to measure on: where they lie and what their names say."""

from xfera_nb.datasets.samples import (
    EXPRESSIONS,
    SAMPLES,
    Sample,
    SamplesError,
    found_samples,
    sample,
    samples_folder,
)

__all__ = [
    "EXPRESSIONS",
    "SAMPLES",
    "Sample",
    "SamplesError",
    "found_samples",
    "sample",
    "samples_folder",
]
