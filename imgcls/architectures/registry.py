"""The list of all networks: a new one gets a file beside this one and a line here."""

from imgcls.architectures import mobilenet_v2, mobilenet_v3_large, small_cnn, small_resnet
from imgcls.architectures.network import Network

NETWORKS: dict[str, Network] = {
    network.name: network
    for network in (
        mobilenet_v2.NETWORK,
        mobilenet_v3_large.NETWORK,
        small_cnn.NETWORK,
        small_resnet.NETWORK,
    )
}
