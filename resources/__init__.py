"""What ships beside the code: icons, palettes and the small trained run that the first launch shows."""
