"""imgcls: transfer learning with MobileNetV2, to run, to see and to question."""
