"""What can be wrong with a proof, and with making one."""


class ProofWrong(ValueError):
    """What is published does not prove what it claims; the message says why."""


class PublishingFailed(Exception):
    """Nothing was published; the message says why."""
