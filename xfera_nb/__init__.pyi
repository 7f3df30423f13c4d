from . import study as study
from . import widgets as widgets
from .api import explain as explain
from .au_detectors import load_detector as load_detector
from .classifier import load_classifier as load_classifier
from .datasets import open_dataset as open_dataset
from .errors import XferaError as XferaError
from .evaluation import check_faithfulness as check_faithfulness
from .evidence import EvidenceStore as EvidenceStore
from .evidence import explain_video as explain_video
from .evidence import extract as extract
from .evidence import gather as gather
from .faces import find_faces as find_faces
from .faces import load_photo as load_photo
from .facs import EMOTIONS as EMOTIONS
from .fusion import FusionParams as FusionParams
from .fusion import fuse as fuse
from .fusion import fuse_many as fuse_many
from .fusion import sweep as sweep
from .report.comparison import compare as compare
from .report.evaluation import evaluate as evaluate
from .widgets import Explainer as Explainer

__version__: str
