"""A fast training step: BatchNormalization folded, Adam as one operation per variable."""

from typing import TYPE_CHECKING, Any

import tensorflow as tf

if TYPE_CHECKING:
    import keras


class FusedAdam:
    """Adam (Kingma & Ba 2015) with Keras's defaults and Keras's results.

    ``keras.optimizers.Adam`` is a dozen small operations per variable, on two cores a seventh of a
    fine-tuning step; TensorFlow's own kernel reads and writes each value once.
    """

    BETA_1 = 0.9
    BETA_2 = 0.999
    EPSILON = 1e-7

    def __init__(self, trained: list[Any], learning_rate: float) -> None:
        self._trained = trained
        self._learning_rate = learning_rate
        self._steps = tf.Variable(0.0, trainable=False)
        self._moments = [
            (tf.Variable(tf.zeros_like(variable)), tf.Variable(tf.zeros_like(variable)))
            for variable in trained
        ]

    @property
    def variables(self) -> list[Any]:
        """The state to be kept for resuming."""
        return [self._steps, *(moment for pair in self._moments for moment in pair)]

    def apply(self, gradients: list[Any]) -> None:
        """Update the trained variables by one step."""
        self._steps.assign_add(1.0)
        for variable, (mean, square), gradient in zip(
            self._trained, self._moments, gradients, strict=True
        ):
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=mean.handle,
                v=square.handle,
                beta1_power=self.BETA_1**self._steps,
                beta2_power=self.BETA_2**self._steps,
                lr=self._learning_rate,
                beta1=self.BETA_1,
                beta2=self.BETA_2,
                epsilon=self.EPSILON,
                grad=gradient,
            )


class Tail:
    """The layers of the base above the one with index `cut`, in inference mode.

    Each BatchNormalization is folded into the convolution before it: with the moving statistics
    fixed it is a scale and a shift of each channel, and scaling the kernel instead of the feature
    maps saves two passes over them forwards and four backwards. Scale and shift stay trainable,
    since the folding is part of the function that is differentiated. Equal to the layers
    themselves up to rounding.
    """

    def __init__(self, base: "keras.Model", cut: int) -> None:
        self._input = base.layers[cut].output
        self._layers = base.layers[cut + 1 :]
        # In keras.applications' MobileNetV2 every convolution is followed by its normalization.
        self._norm_of = {
            layer.name: following
            for layer, following in zip(self._layers, self._layers[1:], strict=False)
            if type(following).__name__ == "BatchNormalization"
        }

    def __call__(self, features: Any, product_type: tf.DType = tf.float32) -> Any:
        """Map features at the cut (n, h, w, c) to the base's last feature maps.

        Args:
            features: float32.
            product_type: what the factors of matrix products are rounded to, and those of their
                gradients; the sums within a product are float32.
        """
        values = {id(self._input): features}
        for layer in self._layers:
            inputs = [values[id(tensor)] for tensor in tf.nest.flatten(layer.input)]
            values[id(layer.output)] = self._apply(layer, inputs, product_type)
        return values[id(self._layers[-1].output)]

    def _apply(self, layer: Any, inputs: list[Any], product_type: tf.DType) -> Any:
        match type(layer).__name__:
            case "Conv2D":
                kernel, shift = self._fold(layer, channel_axis=3)
                # Above the first bottleneck all ordinary convolutions are 1x1: matrix products.
                # Reshaped, since the gradient of a slice would be written into zeros first.
                matrix = tf.cast(tf.reshape(kernel, kernel.shape[2:]), product_type)
                product = tf.tensordot(tf.cast(inputs[0], product_type), matrix, 1)
                return tf.nn.bias_add(tf.cast(product, tf.float32), shift)
            case "DepthwiseConv2D":
                kernel, shift = self._fold(layer, channel_axis=2)
                strides = [1, *layer.strides, 1]
                maps = tf.nn.depthwise_conv2d(inputs[0], kernel, strides, layer.padding.upper())
                return tf.nn.bias_add(maps, shift)
            case "BatchNormalization":
                return inputs[0]
            case "Add":
                return inputs[0] + inputs[1]
            case _:
                return layer(inputs[0])

    def _fold(self, layer: Any, channel_axis: int) -> tuple[Any, Any]:
        norm = self._norm_of[layer.name]
        scale = norm.gamma.value * tf.math.rsqrt(norm.moving_variance.value + norm.epsilon)
        shift = norm.beta.value - norm.moving_mean.value * scale
        shape = [1, 1, 1, 1]
        shape[channel_axis] = -1
        return layer.kernel.value * tf.reshape(scale, shape), shift
