from .action_units import ActionUnits as ActionUnits
from .sources import AU_SOURCES as AU_SOURCES
from .sources import DEFAULT_SOURCE as DEFAULT_SOURCE
from .sources import AUDetector as AUDetector
from .sources import AUSource as AUSource
from .sources import load_detector as load_detector
from .sources import register_source as register_source
from .sources import unregister_source as unregister_source
