gyre compress model.onnx -o out.onnx --calibrate data.npz || status=$?
ls
exit $status
