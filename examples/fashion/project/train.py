"""Stage train: fit the network on what prepare made, write it as ONNX."""

import gyre
import numpy as np
import torch
import yaml

import net

params = yaml.safe_load(open("params.yaml"))["train"]
data = np.load("prepared.npz")
use = ~data["held_out"]
model = net.train(data["images"][use], data["targets"][use], data["weights"][use], **params)
torch.onnx.export(model.to(memory_format=torch.contiguous_format), torch.zeros(1, 1, 28, 28, dtype=torch.uint8), "model.onnx",
                  opset_version=13, input_names=["image"], output_names=["logits"],
                  dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}})
gyre.log_training(ids=data["ids"][use], model="model.onnx")
