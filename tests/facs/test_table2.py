"""Table 2 of the XFERa paper, entry by entry, and the extension beside it."""

import pytest

from xfera_nb.facs import (
    EMOTIONS,
    EXPECTED_AUS,
    EXTENSION,
    LANDMARK_AUS,
    MIDLINE,
    MIRROR,
    OPENFACE_AUS,
    TABLE2,
    au_landmarks,
    is_extension,
)

# The table as text, copied row by row from the paper.
PRINTED = """
Angry	4	18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
Angry	5	37, 38, 39, 40, 43, 44, 45, 46
Angry	7	18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48
Angry	23	49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68
Disgust	9	28, 29, 30, 31, 32, 33, 34, 35, 36
Disgust	15	49, 50, 54, 55, 56, 61, 60, 65
Disgust	17	8, 9, 10, 56, 57, 58, 59, 60
Fear	1	18, 19, 20, 21, 22, 23, 24, 25, 26, 27
Fear	2	18, 19, 20, 21, 22, 23, 24, 25, 26, 27
Fear	4	18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
Fear	5	37, 38, 39, 40, 43, 44, 45, 46
Fear	7	18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48
Fear	20	7, 8, 9, 10, 11, 49, 55, 56, 57, 58, 59, 60
Fear	26	49, 50, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68
Happy	6	37, 40, 41, 42, 43, 46, 47, 48
Happy	12	49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68
Sad	1	18, 19, 20, 21, 22, 23, 24, 25, 26, 27
Sad	4	18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
Sad	15	49, 50, 54, 55, 56, 61, 60, 65
Surprise	1	18, 19, 20, 21, 22, 23, 24, 25, 26, 27
Surprise	2	18, 19, 20, 21, 22, 23, 24, 25, 26, 27
Surprise	5	37, 38, 39, 40, 43, 44, 45, 46
Surprise	26	49, 50, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68
"""
NOUNS = {"Angry": "anger", "Disgust": "disgust", "Fear": "fear", "Happy": "happiness",
         "Sad": "sadness", "Surprise": "surprise"}
ENTRIES = [
    (NOUNS[emotion], int(au), tuple(int(number) for number in landmarks.split(",")))
    for emotion, au, landmarks in (row.split("\t") for row in PRINTED.strip().splitlines())
]


@pytest.mark.parametrize(("emotion", "au", "landmarks"), ENTRIES)
def test_each_entry_is_as_printed(emotion, au, landmarks):
    assert TABLE2[emotion][au] == landmarks
    assert au_landmarks(au) == tuple(sorted(landmarks))
    assert not is_extension(au)


def test_there_is_nothing_beyond_the_printed_entries():
    assert tuple(TABLE2) == tuple(EXPECTED_AUS) == EMOTIONS
    ours = [(emotion, au) for emotion, row in TABLE2.items() for au in row]
    assert sorted(ours) == sorted((emotion, au) for emotion, au, _ in ENTRIES)
    assert len(ENTRIES) == 23
    assert TABLE2["neutral"] == {} and EXPECTED_AUS["neutral"] == ()


def test_expected_aus():
    assert EXPECTED_AUS["happiness"] == (6, 12)
    assert EXPECTED_AUS["fear"] == (1, 2, 4, 5, 7, 20, 26)
    assert all(tuple(TABLE2[emotion]) == EXPECTED_AUS[emotion] for emotion in EMOTIONS)


@pytest.mark.parametrize(
    ("au", "landmarks"),
    [
        (10, [*range(32, 37), *range(49, 56)]),
        (14, [49, 55, 56, 60, 61, 65]),
        (16, [*range(7, 12), *range(56, 61)]),
        (22, range(49, 69)),
        (24, range(49, 69)),
        (25, range(49, 69)),
        (27, [*range(7, 12), 49, 50, *range(54, 69)]),
        (43, range(37, 49)),
        (45, range(37, 49)),
    ],
)
def test_extension(au, landmarks):
    assert is_extension(au)
    assert au_landmarks(au) == tuple(landmarks)


def test_landmark_aus():
    printed = {au for _, au, _ in ENTRIES}
    assert printed.isdisjoint(EXTENSION)
    assert tuple(sorted(printed | set(EXTENSION))) == LANDMARK_AUS
    assert set(OPENFACE_AUS) <= set(LANDMARK_AUS)


def test_sides_are_the_persons():
    assert au_landmarks(6, "left") == (43, 46, 47, 48)
    assert au_landmarks(6, "right") == (37, 40, 41, 42)
    assert au_landmarks(4, "left") == (23, 24, 25, 26, 27, 28, 29)
    assert au_landmarks(17, "left") == (9, 10, 56, 57, 58)
    assert au_landmarks(17, "right") == (8, 9, 58, 59, 60)


@pytest.mark.parametrize("au", LANDMARK_AUS)
def test_the_two_sides_mirror_each_other_and_make_the_whole(au):
    left, right = set(au_landmarks(au, "left")), set(au_landmarks(au, "right"))
    assert {int(MIRROR[number - 1]) + 1 for number in left} == right
    assert left | right == set(au_landmarks(au))
    assert left & right == MIDLINE & set(au_landmarks(au))


def test_what_has_no_landmarks():
    for au in (3, 11, 18, 28):
        with pytest.raises(ValueError, match=f"Action Unit {au} has no landmarks"):
            au_landmarks(au)
    with pytest.raises(ValueError, match="the person's"):
        au_landmarks(6, "image-left")
