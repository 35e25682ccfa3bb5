import Glibc
import SparseCore
import SparseRecoveryTesting
import TestSupport
import Testing

@testable import OpenCLBackend

/// Everything that needs a device, one test after another: devices are shared.
@Suite(.serialized, .enabled(if: !OpenCLBackend.devices().isEmpty, "no OpenCL device"))
enum OnDevice {
  /// Whether Oclgrind runs the kernels, which takes some thousand times as long.
  static let isInterpreted = getenv("OCLGRIND_DATA_RACES") != nil

  /// Awkward shapes, without the one that would take an interpreter hours.
  static let shapes = awkwardShapes.filter { !isInterpreted || $0.rows * $0.columns < 10_000 }

  /// The precisions that the chosen device computes in.
  static var precisions: [Precision] {
    let device = OpenCLBackend.devices().first
    return Precision.allCases.filter { device?.supports($0) ?? false }
  }

  /// An engine for what needs no matrix to speak of.
  static func engine(_ precision: Precision, groupSize: Int? = nil) throws -> OpenCLEngine {
    let matrix = try Matrix<Double>(rows: 1, columns: 1, columnMajor: [1])
    return try OpenCLBackend(calls: OpenCLCalls().guarded(), kernels: .native).makeEngine(
      Atoms(DenseMatrix.double(matrix)), precision: precision, groupSize: groupSize)
  }
}

/// Whose products a test is about, and in which shape.
enum Products: CaseIterable {
  case grouped, wide, clblast

  /// An engine that multiplies so, with panels of `panelColumns` columns or as large as they may be.
  func engine(
    _ atoms: Atoms, _ precision: Precision, panelColumns: Int? = nil, storage: AtomStorage = .full,
    deviceMemory: Int? = nil, calls: OpenCLCalls = OpenCLCalls().guarded()
  ) throws -> OpenCLEngine {
    let panelBytes = panelColumns.map {
      $0 * MatrixPanels.stride(rows: atoms.rows) * precision.byteCount
    }
    return try OpenCLBackend(
      calls: calls, kernels: self == .clblast ? .clblast : .native, storage: storage,
      deviceMemory: deviceMemory
    ).makeEngine(
      atoms, precision: precision, panelBytes: panelBytes,
      shape: self == .grouped ? .grouped : .wide)
  }
}

extension OpenCLBackend {
  /// The first device, called through a table.
  init(
    calls: OpenCLCalls, kernels: ProductKernels = .native, storage: AtomStorage = .full,
    deviceMemory: Int? = nil, programs: ProgramCache? = nil
  ) throws {
    let device = try #require(OpenCLBackend.devices().first)
    try self.init(
      device, calls: calls, kernels: kernels, storage: storage, deviceMemory: deviceMemory,
      programs: programs)
  }
}

extension Engine {
  /// A new vector that holds `values`.
  func vector(_ values: [Double]) throws -> EngineVector {
    let vector = try makeVector(.numbers(values.count))
    try write(values, to: vector)
    return vector
  }
}

extension OpenCLEngine {
  /// The same on the device.
  func vector(_ values: [Double]) throws -> OpenCLVector {
    let vector: OpenCLVector = try makeVector(values.count)
    try write(values, to: vector)
    return vector
  }
}
