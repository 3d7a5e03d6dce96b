import Actions
import Foundation
import TensorRenormalisation
import Testing

@Test func probe() throws {
  let env = ProcessInfo.processInfo.environment
  guard env["DIMS"] != nil else { return }
  func c(_ m: Double, _ l: Double) -> Phi4Couplings.Coefficients { Phi4Couplings(.unhalved(massSquared: m, coupling: l), dimensions: 2).coefficients }
  func hp(_ m: Double, _ l: Double) -> Phi4Couplings.Coefficients { Phi4Couplings(.hopping(kappa: m, coupling: l), dimensions: 2).coefficients }
  func f(_ m: Double, _ e: [Int]) -> (String, Phi4Couplings.Coefficients, [Int], Double) {
    ("f\(e[0])x\(e[1])m\(m)", c(m, 0), e, FreeField(.init(extents: e), massSquared: m).logNormalizer)
  }
  let cases: [(String, Phi4Couplings.Coefficients, [Int], Double)] = [
    ("L2", c(-4, 6.975), [2, 2], 1.1731847108), ("L3", c(-4, 6.975), [3, 3], 1.9698242751),
    ("L4", c(-4, 6.975), [4, 4], 3.218328923), ("u11L2", c(1, 1), [2, 2], -0.6802300257),
    ("u11L3", c(1, 1), [3, 3], -1.9121871526),
    ("hL2", hp(0.25, 0.5), [2, 2], 3.6870227007),("hL3", hp(0.25, 0.5), [3, 3], 7.7148532923), ("hL4", hp(0.25, 0.5), [4, 4], 13.495493851),
    ("6", c(-4, 6.975), [6, 6], 6.984947872), ("8", c(-4, 6.008), [8, 8], 15.986501), ("10", c(-4, 5.55), [10, 10], 28.19725),
    ("12", c(-4, 5.276), [12, 12], 43.7460), ("14", c(-4, 5.113), [14, 14], 62.3093), ("craft", c(-4.75, 5.1), [14, 14], 101.6611),
    ("20", c(-4, 4.807), [20, 20], 138.9530), ("32", c(-4, 4.572), [32, 32], 382.3787), ("nets8", c(-1, 0.8), [8, 8], 7.4917),
    ("nets16", c(-1, 0.8), [16, 16], 28.2363), ("20b", c(-1, 0.9), [20, 20], 36.4419),
    ("nic20", hp(0.2, 0.022), [16, 8], 80.104588), ("nic30", hp(0.3, 0.022), [16, 8], 134.94240),
    f(1, [2, 2]), f(1, [3, 3]), f(1, [4, 4]), f(1, [5, 7]), f(1, [8, 8]), f(1, [3, 16]), f(0.25, [16, 16]), f(0.25, [32, 32]), f(1, [32,32]), f(4, [32,32]), f(4, [13, 9]), f(4, [31, 2])
  ]
  let wanted = (env["CASES"] ?? "").split(separator: ",").map(String.init)
  let dims = (env["DIMS"] ?? "16").split(separator: ",").map { Int($0)! }
  for (name, k, e, ref) in cases where wanted.isEmpty || wanted.contains(name) || (wanted.contains("free") && name.hasPrefix("f")) {
    for d in dims {
      let start = Date()
      let t = try TensorRenormalisation(coefficients: k, extents: e).logZ(bondDimension: d)
      print(name, d, String(format: "%.12f  err %.1e dev %.2e ref %.10f", t.logNormalizer, t.truncationError, t.logNormalizer - ref, ref), String(format: "%.2f s", Date().timeIntervalSince(start)))
    }
  }
}
