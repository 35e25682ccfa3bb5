import Foundation
import Testing

/// The families of problems that experiments and `sea generate` share.
@Suite(.serialized) final class ExperimentGenerateTests {
  private let tool: Tool

  init() throws { tool = try Tool() }

  deinit { tool.cleanUp() }

  @Test func kernelsAndBoundariesMakeDifferentMatrices() throws {
    var matrices: Set<Data> = []
    for (kernel, boundary) in [
      ("gaussian", "circulant"), ("ricker", "circulant"), ("exponential", "truncated"),
    ] {
      let made = try tool.run(
        "generate", "deconvolution", "--size", "40", "-k", "3", "--kernel", kernel, "--boundary",
        boundary, "-o", "problem", "--force")
      #expect(made.exitCode == 0, "\(made.errors)")
      matrices.insert(
        try Data(contentsOf: tool.folder.appendingPathComponent("problem/A.npy")))
    }
    #expect(matrices.count == 3)
  }

  @Test func uniformMatricesHaveNoBlur() throws {
    let made = try tool.run(
      "generate", "uniform", "-m", "9", "--columns", "12", "-k", "2", "-o", "u")
    #expect(made.output.hasPrefix("u: A.npy 9 × 12"))
    let refused = try tool.run("generate", "uniform", "--kernel", "ricker", "-k", "2", "-o", "v")
    #expect(refused.exitCode == 64 && refused.errors.contains("--kernel"))
  }
}
