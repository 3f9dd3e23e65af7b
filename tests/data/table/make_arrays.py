"""Writes the .npz and .npy fixtures beside it: python3 make_arrays.py. Needs numpy."""
import os
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
shape = (2, 3, 4)
arrays = {
    name: np.arange(24).astype(name).reshape(shape)
    for name in "float32 float64 int8 uint8 int16 uint16 int32 uint32 int64 uint64".split()
}
arrays["bool"] = (np.arange(24) % 2 == 1).reshape(shape)
arrays["big"] = np.arange(24).astype(">i4").reshape(shape)
arrays["fortran"] = np.asfortranarray(np.arange(24, dtype="<f8").reshape(shape))
arrays["text"] = np.array(["a", "\u00e4\u20ac", "\U0001f642z"])
arrays["scalar"] = np.float32(1.5)
arrays["empty"] = np.zeros((0, 5), "<f4")
np.savez(os.path.join(here, "stored.npz"), **arrays)
np.savez_compressed(os.path.join(here, "deflated.npz"), **arrays)
np.save(os.path.join(here, "pickle.npy"), np.array([{}, None], dtype=object))
