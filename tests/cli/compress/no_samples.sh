gyre compress model.onnx -o out.onnx
