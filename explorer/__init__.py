"""The window of Latent Explorer: the only package that imports Qt."""
