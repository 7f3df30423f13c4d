"""Name the states of an AU: present or absent, attended by the map or not; nothing is imported.

An AU is *present* if its intensity reaches the minimum, and *attended* if enough of its landmarks
lie in the salient region. Absent is only what was measured as absent.
"""

PRESENT_ATTENDED = "present, attended"
PRESENT_NOT_ATTENDED = "present, not attended"
ABSENT_ATTENDED = "absent, attended"
ABSENT_NOT_ATTENDED = "absent, not attended"
NOT_MEASURABLE = "not measurable"
STATES = (
    PRESENT_ATTENDED,
    PRESENT_NOT_ATTENDED,
    ABSENT_ATTENDED,
    ABSENT_NOT_ATTENDED,
    NOT_MEASURABLE,
)
"""All of them, in the order in which tables count them."""


def name_state(present: bool | None, attended: bool | None) -> str:
    """Return the state of an AU.

    Parameters
    ----------
    present : bool or None
        None where the AU is not measurable.
    attended : bool or None
        None where the map has no positive value, so that nothing is attended.
    """
    if present is None:
        return NOT_MEASURABLE
    if present:
        return PRESENT_ATTENDED if attended else PRESENT_NOT_ATTENDED
    return ABSENT_ATTENDED if attended else ABSENT_NOT_ATTENDED
