# SPDX-License-Identifier: Apache-2.0
"""Three nets trained on Fashion-MNIST (Debian dataset-fashion-mnist), for what 8 bits change in them."""

import gzip
import pathlib

import numpy as np
import torch
from torch import nn

DATA = pathlib.Path("/usr/share/datasets/fashion-mnist")
TRAINED_IMAGES, CALIBRATION_IMAGES, EPOCHS, BATCH = 20_000, 1_000, 4, 100


def read_idx(name):
    raw = gzip.open(DATA / f"{name}.gz").read()
    shape = [int.from_bytes(raw[4 + 4 * axis:8 + 4 * axis], "big") for axis in range(raw[3])]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def images(name):
    return (read_idx(f"{name}-images-idx3-ubyte")[:, None] / np.float32(255)).astype(np.float32)


def labels(name):
    return read_idx(f"{name}-labels-idx1-ubyte").astype(np.int64)


def conv(inputs, outputs, kernel, stride=1, groups=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
                         nn.BatchNorm2d(outputs), nn.ReLU())


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))


def lenet():
    return nn.Sequential(nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 10))


def separable():
    """Depthwise and pointwise convolutions with batch norm, as in MobileNet."""
    blocks = [layer for _ in range(3) for layer in (conv(32, 32, 3, groups=32), conv(32, 32, 1))]
    return nn.Sequential(conv(1, 32, 5, stride=2), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))


NETS = {"mlp": mlp, "lenet": lenet, "separable": separable}


def train(make, x, y):
    torch.manual_seed(0)
    model = make()
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, EPOCHS * (len(x) // BATCH))
    for _ in range(EPOCHS):
        for chosen in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[chosen]), y[chosen]).backward()
            optimizer.step()
            schedule.step()
    return model.eval()


def make_all(folder):
    """Write NAME.onnx for each net, calibrate.npz and test.npz; returns the paths of the models."""
    x, y = images("train"), labels("train")
    np.savez(folder / "calibrate.npz", image=x[TRAINED_IMAGES:TRAINED_IMAGES + CALIBRATION_IMAGES])
    np.savez(folder / "test.npz", image=images("t10k"), label=labels("t10k"))
    x, y = torch.from_numpy(x[:TRAINED_IMAGES]), torch.from_numpy(y[:TRAINED_IMAGES])
    for name, make in NETS.items():
        torch.onnx.export(train(make, x, y), torch.zeros(1, 1, 28, 28), folder / f"{name}.onnx", opset_version=13,
                          input_names=["image"], output_names=["logits"],
                          dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}})
    return [folder / f"{name}.onnx" for name in NETS]
