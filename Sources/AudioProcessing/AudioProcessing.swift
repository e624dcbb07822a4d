// AudioProcessing
