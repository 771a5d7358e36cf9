"""The engine of Latent Explorer: data sets, families, training, runs and rendering, without a window."""
