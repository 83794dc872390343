"""What is shipped for deploying: the image, and a file or directory per platform."""
