"""A course in five units with exercises that check themselves; no widget is in here."""

from xfera_nb.teaching.lessons.course import UNITS, Course
from xfera_nb.teaching.lessons.exercise import Exercise, Folded, Verdict
from xfera_nb.teaching.lessons.reading import NotReadable

__all__ = ["UNITS", "Course", "Exercise", "Folded", "NotReadable", "Verdict"]
