/**
 * What a strategy or selector needs of whatever runs the model. `continuing`: text can go on from any prefix.
 * `probabilities`: each token comes with its most likely alternatives. `exactEntropy`: entropy is no mere interval.
 * `choice` and `grammar`: the text can be kept to a list of texts, or to a grammar; without one a verdict is asked for all
 * the same, and left out where it cannot be read. `hiddenStates`: the model's states can be read.
 */
export type EngineNeed =
  'continuing' | 'probabilities' | 'exactEntropy' | 'choice' | 'grammar' | 'hiddenStates';
