"""some_images.py TEST.npz COUNT OUT.npz: the first COUNT test images, as the input of a model."""

import sys

import numpy as np

np.savez(sys.argv[3], image=np.load(sys.argv[1])["x"][:int(sys.argv[2])])
