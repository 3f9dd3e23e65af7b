"""Writes the image fixtures beside it and what another decoder makes of them (images.npz):
python3 make_images.py. Needs numpy and Pillow."""
import io
import os
import numpy as np
from PIL import Image

here = os.path.dirname(os.path.abspath(__file__))
y, x = np.mgrid[0:21, 0:17]
rgb = np.stack([x * 15, y * 12, (x * y) % 256], axis=2).astype("u1")
grey = rgb[:, :, 2]
expected = {}


def save(name, image, pixels=None, **options):
    image.save(os.path.join(here, name), **options)
    pixels = np.array(Image.open(os.path.join(here, name))) if pixels is None else pixels
    expected[name] = pixels


save("grey.png", Image.fromarray(grey))
save("rgb.png", Image.fromarray(rgb))
save("rgba.png", Image.fromarray(np.dstack([rgb, 255 - grey])))
save("grey_alpha.png", Image.fromarray(np.dstack([grey, 255 - grey]), "LA"),
     np.dstack([grey, grey, grey, 255 - grey]))
palette = Image.fromarray(rgb).quantize(16)
save("palette.png", palette, np.array(palette.convert("RGB")))
save("palette_alpha.png", palette, np.array(palette.convert("RGBA")) *
     np.where(np.array(palette)[:, :, None] == 3, [1, 1, 1, 0], 1).astype("u1"), transparency=3)
save("grey16.png", Image.fromarray(grey.astype("<u2") * 257), grey)
bits = Image.fromarray(((x + y) % 3 == 0).astype("u1") * 255).convert("1")
save("grey1.png", bits, np.array(bits.convert("L")))
save("rgb.jpg", Image.fromarray(rgb), quality=90)
save("grey.jpg", Image.fromarray(grey), quality=90)
save("progressive.jpg", Image.fromarray(rgb), quality=80, progressive=True)
Image.fromarray(np.dstack([rgb, grey]), "CMYK").save(os.path.join(here, "cmyk.jpg"))
np.savez_compressed(os.path.join(here, "images.npz"), **expected)
