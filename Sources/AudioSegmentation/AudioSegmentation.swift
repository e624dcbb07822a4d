// AudioSegmentation
