"""The networks that can be trained: one file each, without Keras until they are built."""
