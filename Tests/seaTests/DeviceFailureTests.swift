import CPUBackend
import OpenCLBackend
import ReferenceBackend
import SparseCore
import Synchronization
import Testing

@testable import SparseRecovery
@testable import sea

/// What becomes of a solve whose device fails on the way.
@Suite struct DeviceFailureTests {
  /// Calls a body that fails with these errors, one a call; answers the columns of the engine that it
  /// had at last, and how often it was called.
  private func run(
    _ errors: [any Error], givesWay: Bool
  ) throws -> (columns: Int, calls: Int) {
    let backend = FallbackBackend(
      first: ReferenceBackend(), second: givesWay ? Wider() : nil)
    var calls = 0
    let columns = try backend.withEngine(Wider.atoms(1), precision: .double) { engine, warning in
      calls += 1
      #expect(
        warning == (calls == 1 ? nil : .engineReplaced(failure: "\(errors[calls - 2])")))
      if calls <= errors.count { throw errors[calls - 1] }
      return engine.columns
    }
    return (columns, calls)
  }

  /// Small matrices do not even ask for a GPU, and large ones do without where there is none or where it does not pay;
  /// in any case it is said why.
  @Test(arguments: [
    (2, nil, "cpu", "the processor, since 20 passes over the matrix take it"),
    (800_000, nil, "cpu", "the processor, since no GPU here computes in double precision"),
    (800_000, 500.0, "cpu", "the processor, since 20 passes over the matrix take it"),
    (800_000, 0.0, "reference", "the GPU, since 20 passes over the matrix take about"),
  ])
  func onlyAMatrixThatPaysTakesAGPU(
    columns: Int, opening: Double?, place: String, reason: String
  ) throws {
    let questions = Mutex(0)
    let said = Mutex<[String]>([])
    let backend = AutoBackend(processor: CPUBackend(threads: 1)) { text in
      said.withLock { $0.append(text) }
    } gpu: {
      questions.withLock { $0 += 1 }
      return opening.map {
        AutoBackend.Candidate(
          name: "the GPU", costs: DeviceCosts(opening: $0, uploadRate: 1e15, passRate: 1e15),
          storedByteCount: 8, memory: .max
        ) { ReferenceBackend() }
      }
    }
    let engine = try backend.load(Wider.atoms(columns), precision: .double)
    #expect(engine.identity.name == place && engine.columns == columns)
    #expect(questions.withLock(\.self) == (columns > 2 ? 1 : 0))
    #expect(said.withLock(\.self).count == 1)
    #expect(said.withLock { $0[0].hasPrefix(reason) }, "\(said.withLock(\.self))")
  }

  /// A place that can be told from the first: its engines have two columns, whatever they are given.
  private struct Wider: Backend {
    var identity: EngineIdentity { ReferenceBackend().identity }

    func load(_ atoms: Atoms, precision: Precision) throws(RecoveryError) -> any Engine {
      try ReferenceBackend().load(Self.atoms(2), precision: precision)
    }

    static func atoms(_ columns: Int) throws(RecoveryError) -> Atoms {
      let ones = [Double](repeating: 1, count: columns)
      return try Atoms(DenseMatrix.double(Matrix(rows: 1, columns: columns, columnMajor: ones)))
    }
  }

  private static let lost = RecoveryError.deviceFailure(
    device: "none", call: "clFinish", code: -2, detail: "")

  /// The device's errors, and results that are no numbers.
  @Test(arguments: [lost, .nonFiniteCorrelation(engine: "opencl", column: 3)])
  func startsAgainElsewhere(error: RecoveryError) throws {
    #expect(try run([error], givesWay: true) == (2, 2))
    #expect(try run([], givesWay: true) == (1, 1))
  }

  @Test func failsWhereTheDeviceWasNamed() {
    #expect(throws: Self.lost) { try run([Self.lost], givesWay: false) }
  }

  @Test func failsWhereTheOtherPlaceFailsToo() {
    let wrong = RecoveryError.lapackFailure(routine: "dgelsd", code: 1)
    #expect(throws: wrong) { try run([Self.lost, wrong], givesWay: true) }
  }

  /// Another place would do no better.
  @Test(arguments: [
    RecoveryError.lapackFailure(routine: "dgelsd", code: 1),
    .sparsityOutOfRange(sparsity: 2, columns: 1),
  ])
  func failsWhereTheProblemDoes(error: RecoveryError) {
    #expect(throws: error) { try run([error], givesWay: true) }
  }
}
