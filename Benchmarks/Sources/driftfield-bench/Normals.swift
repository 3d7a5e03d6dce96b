// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Foundation

/// Standard normals in bulk, by every variant of the kernel that this processor can run.
enum Normals {
  static func show(seconds: Double) {
    print("Standard normals, one thread, 10^6 a second")
    for variant in 0..<df_random_variants() {
      let name = String(cString: df_random_variant_name(variant))
      var line = "  " + name.padding(toLength: 10, withPad: " ", startingAt: 0)
      for count in [64, 4096, 65536] {
        var values = Array(repeating: 0.0, count: count)
        let calls = (1 << 20) / count
        let timing = Timing.of(seconds: seconds / 4) {
          for call in 0..<calls {
            df_random_normals_by(variant, 1, 2, 3, UInt64(call), &values, count)
          }
        }
        let rate = Double(calls * count) / timing.median * 1e-6
        line += String(format: "  %7.0f (rows of %d)", rate, count)
      }
      print(line)
    }
  }
}
