import CPUBackend
import ReferenceBackend
import SparseCore
import SparseRecovery
import Synchronization
import Testing

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

  /// Small matrices do not even ask for a GPU, and large ones do without where there is none.
  @Test func onlyALargeMatrixAsksForAGPU() throws {
    let questions = Mutex(0)
    var backend = AutoBackend(processor: CPUBackend(threads: 1)) {
      questions.withLock { $0 += 1 }
      return nil
    }
    for (worth, asked) in [(3, 0), (2, 1)] {
      backend.entriesWorthAGPU = worth
      let engine = try backend.load(Wider.atoms(2), precision: .double)
      #expect(engine.identity.name == "cpu" && engine.columns == 2)
      #expect(questions.withLock(\.self) == asked)
    }
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
