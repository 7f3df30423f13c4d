"""Photos as users bring them, made from one sample: files of every kind, whole and damaged."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "C01HA.jpg"
ORIENTATION = 0x0112
KINDS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "TGA", "JPEG2000", "AVIF")

# What a camera stores for each value of the tag, of an upright picture (EXIF 2.3, 4.6.4).
STORED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a, -1),
}


def face(side: int = 300) -> Image.Image:
    """The sample as a grey RGB picture, so that all modes can hold it."""
    with Image.open(SAMPLE) as photo:
        return photo.convert("L").resize((side, side)).convert("RGB")


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    """An image as a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def turned(orientation: int) -> bytes:
    """A PNG whose tag undoes how its pixels are turned."""
    pixels = np.ascontiguousarray(STORED[orientation](np.asarray(face())))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return encoded(Image.fromarray(pixels), "PNG", exif=exif)


def good_files() -> dict[str, bytes]:
    """File name -> content; each shows the face upright at the same place."""
    photo = face()
    grey = np.asarray(photo.convert("L"))
    transparent = photo.convert("RGBA")
    transparent.putalpha(255)
    frames = {"save_all": True, "append_images": [Image.new("RGB", photo.size, "red")]}
    return {
        "plain.png": encoded(photo, "PNG"),
        "grey.png": encoded(photo.convert("L"), "PNG"),
        "palette.png": encoded(photo.convert("P"), "PNG"),
        "alpha.png": encoded(transparent, "PNG"),
        "sixteen.png": encoded(Image.fromarray(grey.astype(np.uint16) * 257), "PNG"),
        "sixteen.tif": encoded(Image.fromarray(grey.astype(np.uint16) * 257), "TIFF"),
        "whole32.tif": encoded(Image.fromarray(grey.astype(np.int32) * 257), "TIFF"),
        "float.tif": encoded(Image.fromarray(grey.astype(np.float32) / 255), "TIFF"),
        "cmyk.tif": encoded(photo.convert("CMYK"), "TIFF"),
        "cmyk.jpg": encoded(photo.convert("CMYK"), "JPEG", quality=95),
        "progressive.jpg": encoded(photo, "JPEG", quality=95, progressive=True),
        "animated.gif": encoded(photo, "GIF", **frames),
        "animated.webp": encoded(photo, "WEBP", lossless=True, **frames),
        "pages.tif": encoded(photo, "TIFF", **frames),
        "really_a_png.jpg": encoded(photo, "PNG"),
        "no ending": encoded(photo, "BMP"),
        "with spaces é😀.webp": encoded(photo, "WEBP", lossless=True),
        "-dash.png": encoded(photo, "PNG"),
        "<img src=x onerror=alert(1)>.png": encoded(photo, "PNG"),
        os.fsdecode(b"caf\xe9 latin1.png"): encoded(photo, "PNG"),
    }


def bomb(width: int, height: int, kind: str = "PNG") -> bytes:
    """A small file whose header claims a huge picture."""
    if kind == "BMP":
        data = bytearray(encoded(Image.new("L", (1, 1)), "BMP"))
        data[18:22], data[22:26] = struct.pack("<I", width), struct.pack("<I", height)
        return bytes(data)
    if kind == "GIF":
        data = bytearray(encoded(Image.new("P", (1, 1)), "GIF"))
        data[6:10] = struct.pack("<HH", width, height)
        return bytes(data)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(2**22), 9)  # four megabytes of zeros in four kilobytes
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    )


def large_files(folder: Path) -> list[Path]:
    """Three photos of about 50 megapixels, of the kinds that take the most memory to read."""
    made = []
    for name, size, mode, options in (
        ("large.jpg", (8660, 5774), "RGB", {"progressive": True}),
        ("large.webp", (16_000, 3_125), "RGB", {"quality": 50, "method": 0}),
        ("large.tif", (8660, 5774), "I", {"compression": "tiff_lzw"}),
    ):
        canvas = Image.new(mode, size, 128 if mode == "I" else (128, 128, 128))
        canvas.paste(face(1500).convert(mode), (4000, 1000))
        canvas.save(folder / name, **options)
        made.append(folder / name)
    return made
