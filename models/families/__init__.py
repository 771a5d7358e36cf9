"""Every family of generative models, one file each; the registry finds them by scanning this folder."""
