"""Photos to look at and to measure on: where they lie and what their names say."""

from xfera_nb.datasets.dataset import (
    FIELDS,
    GROUPS,
    PROBLEMS,
    Dataset,
    DatasetReport,
    Item,
    Problem,
)
from xfera_nb.datasets.ferplus import read_ferplus_faces
from xfera_nb.datasets.folder import read_csv_faces, read_folder_faces, read_samples
from xfera_nb.datasets.kdef import KDEF, read_kdef
from xfera_nb.datasets.kinds import KINDS, guess_kind, open_dataset
from xfera_nb.datasets.labels import LABEL_SCHEMES, label_to_emotion
from xfera_nb.datasets.rafdb import read_rafdb
from xfera_nb.datasets.samples import (
    EXPRESSIONS,
    SAMPLES,
    Sample,
    found_samples,
    sample,
    samples_folder,
)

__all__ = [
    "EXPRESSIONS",
    "FIELDS",
    "GROUPS",
    "KDEF",
    "KINDS",
    "LABEL_SCHEMES",
    "PROBLEMS",
    "SAMPLES",
    "Dataset",
    "DatasetReport",
    "Item",
    "Problem",
    "Sample",
    "label_to_emotion",
    "found_samples",
    "guess_kind",
    "open_dataset",
    "read_csv_faces",
    "read_ferplus_faces",
    "read_folder_faces",
    "read_kdef",
    "read_rafdb",
    "read_samples",
    "sample",
    "samples_folder",
]
