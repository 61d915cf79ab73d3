"""What the lesson computes, one module a part."""
