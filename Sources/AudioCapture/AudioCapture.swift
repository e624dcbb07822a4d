// AudioCapture
