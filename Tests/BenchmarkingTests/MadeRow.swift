import SparseRecovery

@testable import Benchmarking

extension SolveRow {
  /// A row of one solve with 100 iterations, on a device of no machine.
  static func made(
    _ shape: ProblemShape, _ gradient: SEA.Gradient, seconds: Double, isAutomatic: Bool = false,
    memory: Memory? = nil
  ) -> SolveRow {
    SolveRow(
      shape: shape, engine: EngineIdentity(name: "cpu", device: "Device", library: "Library"),
      device: DeviceFacts(name: "Device", kind: "cpu", library: "Library", computeUnits: 4),
      precision: .double, gradient: gradient, isAutomatic: isAutomatic, iterations: 100, runs: 1,
      seconds: Quartiles(of: [seconds]), matrixPasses: 7, supportsExplored: 50,
      relativeResidual: 0.1, hasSameSupport: nil, memory: memory)
  }
}
