"""What to ask of a trained model, one file a question."""
