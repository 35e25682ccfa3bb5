import Foundation
import ReferenceBackend
import SparseCore
import SparseRecovery
import Testing

@testable import sea

/// What happens where a matrix does not fit.
@Suite(.serialized) final class DeviceMemoryTests {
  private let tool: Tool
  private let words: [String]

  init() throws {
    tool = try Tool()
    let examples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Examples/diabetes")
    words = [
      "solve", "-m", examples.appendingPathComponent("A.csv").path, "-y",
      examples.appendingPathComponent("y.csv").path, "--header", "-k", "5",
    ]
  }

  deinit { tool.cleanUp() }

  private func run(_ more: String) throws -> Tool.Outcome {
    try tool.start(
      words + more.split(separator: " ").map(String.init),
      environment: ["XDG_CACHE_HOME": tool.folder.path]
    ).outcome()
  }

  private func hasDevice() throws -> Bool {
    try !tool.run("devices").output.contains("opencl    none")
  }

  @Test func bytesAreReadWithTheirUnit() {
    #expect(Int(bytes: "4096") == 4096)
    #expect(Int(bytes: "500M") == 500 << 20)
    #expect(Int(bytes: "2g") == 2 << 30)
    for text in ["", "M", "-1M", "0", "1.5G", "2X", "9999999999T"] {
      #expect(Int(bytes: text) == nil, "\(text)")
    }
  }

  @Test func aStreamedMatrixGivesTheSameSupport() throws {
    guard try hasDevice() else { return }
    for options in ["--device-memory 8K", "--storage half", "--storage single --device-memory 9K"] {
      let outcome = try run("--backend opencl --gemv native \(options)")
      // The driver may have to say something about a kernel that it compiles; the tool has not.
      #expect(!outcome.errors.contains("sea:"))
      #expect(outcome.value("support") == "sex, bmi, bp, s3, s5", "\(options)")
    }
  }

  @Test func refusalsNameTheBytes() throws {
    let wrong = try run("--device-memory 5X")
    #expect(wrong.exitCode == 64)
    #expect(
      wrong.errors
        == "sea: --device-memory: expected a number of bytes, such as 500M or 2G, found 5X\n")
    let clblast = try run("--storage half --gemv clblast")
    #expect(clblast.exitCode == 64)
    guard try hasDevice() else { return }
    let small = try run("--backend opencl --device-memory 4K")
    #expect(small.exitCode == 69)
    #expect(small.errors.contains("needs 7168 bytes of memory at least, and may take 4096"))
  }

  /// A place that cannot hold anything.
  private struct Full: Backend {
    let error: RecoveryError
    var identity: EngineIdentity { EngineIdentity(name: "full", device: "none", library: "none") }

    func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine {
      throw error
    }
  }

  @Test func aDeviceThatNobodyNamedGivesWay() throws {
    let matrix = try Matrix<Double>(rows: 1, columns: 1, columnMajor: [1])
    let atoms = try Atoms(DenseMatrix.double(matrix))
    let full = RecoveryError.deviceMemoryTooSmall(device: "none", needed: 2, limit: 1)
    let loops = ReferenceBackend()
    let engine = try FallbackBackend(first: Full(error: full), second: loops)
      .load(atoms, precision: .double)
    #expect(engine.identity.name == "reference")
    let wrong = RecoveryError.outOfMemory(bytes: 1)
    #expect(throws: wrong) {
      try FallbackBackend(first: Full(error: wrong), second: loops)
        .load(atoms, precision: .double)
    }
  }
}
