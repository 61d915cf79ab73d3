"""The base of all errors that a person can act on."""


class ImgclsError(Exception):
    """What was received, what is accepted and what to do, as a message for people."""


class DatasetError(ImgclsError, ValueError):
    """A folder that cannot be used as a dataset; the message is for people."""


class ImageError(ImgclsError, ValueError):
    """A file that cannot be shown to the network; the message is one sentence for people."""


class ConfigError(ImgclsError, ValueError):
    """A config value that cannot be trained; the message names what is allowed."""
