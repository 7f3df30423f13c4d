"""A folder shaped like KDEF's, made of the sample faces: right names, 562x762, some of it bad.

Other packages' tests load this file by its path (`runpy`).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from PIL import Image

SIZE = (562, 762)
CODES = ("AN", "DI", "AF", "HA", "NE", "SA", "SU")
UNREADABLE = "AF03NES"
NO_FACE = "BM04HAS"
DUPLICATE = "BF01HAS"
MISNAMED = "AF01XXS.JPG"
BAD = {"unreadable": UNREADABLE, "duplicate": DUPLICATE, "misnamed": f"AF01/{MISNAMED}"}


def kdef_photo(sample: Path) -> Image.Image:
    """A sample in the middle of a picture of KDEF's size."""
    picture = Image.new("RGB", SIZE, (128, 128, 128))
    with Image.open(sample) as face:
        picture.paste(face.convert("RGB"), ((SIZE[0] - 520) // 2, (SIZE[1] - 520) // 2))
    return picture


def build_tree(samples: Path, root: Path, people: int = 2) -> Path:
    """Write `people` x 7 faces of session A, straight view, and one bad file of each kind.

    The duplicate is AF01HAS again, as BF01HAS; AF03NES is cut off; BM04HAS is an empty wall;
    AF01XXS.JPG has an expression that KDEF does not have.
    """
    for number in range(1, people + 1):
        folder = root / f"AF{number:02d}"
        folder.mkdir(parents=True)
        for code in CODES:
            photo = kdef_photo(samples / f"C{number:02d}{code}.jpg")
            photo.save(folder / f"AF{number:02d}{code}S.JPG", quality=90)
    for name in ("AF03", "BM04", "BF01"):
        (root / name).mkdir()
    whole = (root / "AF01" / "AF01NES.JPG").read_bytes()
    (root / "AF03" / f"{UNREADABLE}.JPG").write_bytes(whole[: len(whole) // 2])
    Image.new("RGB", SIZE, (90, 90, 90)).save(root / "BM04" / f"{NO_FACE}.JPG")
    shutil.copy(root / "AF01" / "AF01HAS.JPG", root / "BF01" / f"{DUPLICATE}.JPG")
    shutil.copy(root / "AF01" / "AF01HAS.JPG", root / "AF01" / MISNAMED)
    return root
