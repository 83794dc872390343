"""The pure core: what a deployment is and means, what a question says, how a page is cut. No I/O."""
