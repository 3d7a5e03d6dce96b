// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Testing

@Suite struct StepSizeTunerTests {
  /// Against a known acceptance curve exp(−ε) the tuner settles where exp(−ε) is the target.
  @Test(arguments: [0.5, 0.65, 0.8, 0.95], [0.01, 0.3, 20]) func findsTheTarget(
    target: Double, initial: Double
  ) {
    var tuner = StepSizeTuner(initial: initial, targetAcceptance: target)
    var step = initial
    for _ in 0..<2000 { step = tuner.next(acceptance: exp(-step)) }
    #expect(abs(exp(-tuner.result) - target) < 0.02)
  }

  @Test func stateGoesOn() {
    var whole = StepSizeTuner(initial: 0.3, targetAcceptance: 0.8)
    var half = whole
    for _ in 0..<10 {
      _ = whole.next(acceptance: 0.4)
      _ = half.next(acceptance: 0.4)
    }
    var resumed = StepSizeTuner(initial: 0.3, targetAcceptance: 0.8)
    resumed.state = half.state
    #expect(resumed.next(acceptance: 0.9) == whole.next(acceptance: 0.9))
    #expect(resumed == whole)
  }
}
