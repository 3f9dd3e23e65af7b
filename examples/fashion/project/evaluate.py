"""Stage evaluate: the model on the test images, compiled for this machine; predictions by id."""

import json
import subprocess

import gyre
import numpy as np

test = np.load("test.npz")
np.savez("test_images.npz", image=test["x"])
subprocess.run(["gyre", "infer", "model.onnx", "--inputs", "test_images.npz", "--outputs", "test_logits.npz"], check=True)
outputs = np.load("test_logits.npz")["logits"]
classes = np.load("prepared.npz")["classes"]
predicted = classes[outputs.argmax(1)]
ids = gyre.ids_of(test["x"])
gyre.write_predictions("predictions.csv", ids=ids, label=test["y"], prediction=predicted, scores=outputs)
accuracy = float((predicted == test["y"]).mean())
by_class = {str(label): float((predicted == label)[test["y"] == label].mean()) for label in classes}
json.dump({"accuracy": accuracy, "accuracy_by_class": by_class}, open("metrics.json", "w"), indent=1)
print(f"accuracy {accuracy:.4f}")
