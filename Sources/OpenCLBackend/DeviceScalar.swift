internal import COpenCL
internal import SparseCore

/// A number that kernels compute with.
protocol DeviceScalar: MatrixScalar, KernelArgument {
  /// What OpenCL calls this type.
  static var openCLName: String { get }
  /// What OpenCL calls the unsigned integer of the same size.
  static var openCLKeyName: String { get }

  /// Starts y ← y + op(A) x, returning the code of CLBlast.
  static func addProduct(_ product: PanelProduct, on queue: cl_command_queue) -> cl_int

  // The loops over numbers are requirements, so that they are compiled for each type: an engine
  // knows its type only at run time.

  /// Writes `values` to bytes, rounded.
  static func write(_ values: ArraySlice<Double>, to bytes: UnsafeMutableRawBufferPointer)
  /// The numbers in bytes.
  static func read(_ bytes: UnsafeRawBufferPointer) -> [Double]
}

extension DeviceScalar {
  /// The bits of |x| read as an integer: all but the sign.
  static var keyBits: Int { MemoryLayout<Self>.size * 8 - 1 }
  /// How many of these a selection compares.
  static var comparedBits: Int { keyBits - precision.ignoredBits }

  static func write(_ values: ArraySlice<Double>, to bytes: UnsafeMutableRawBufferPointer) {
    let target = bytes.bindMemory(to: Self.self)
    for (i, value) in values.enumerated() { target[i] = Self(value) }
  }

  static func read(_ bytes: UnsafeRawBufferPointer) -> [Double] {
    bytes.withMemoryRebound(to: Self.self) { $0.map { Double($0) } }
  }
}

/// op(A) x, for the panel A of `rows` × `columns` numbers, `stride` apart between columns.
struct PanelProduct {
  let transposed: Bool
  let rows: Int
  let columns: Int
  let stride: Int
  let panel: DeviceBuffer
  let x: (buffer: DeviceBuffer, offset: Int)
  let y: (buffer: DeviceBuffer, offset: Int)

  fileprivate var operation: CLBlastTranspose {
    transposed ? CLBlastTransposeYes : CLBlastTransposeNo
  }
}

extension Float: DeviceScalar {
  static let openCLName = "float"
  static let openCLKeyName = "uint"

  static func addProduct(_ p: PanelProduct, on queue: cl_command_queue) -> cl_int {
    var queue: cl_command_queue? = queue
    return CLBlastSgemv(
      CLBlastLayoutColMajor, p.operation, p.rows, p.columns, 1, p.panel.handle, 0, p.stride,
      p.x.buffer.handle, p.x.offset, 1, 1, p.y.buffer.handle, p.y.offset, 1, &queue, nil
    ).rawValue
  }
}

extension Double: DeviceScalar {
  static let openCLName = "double"
  static let openCLKeyName = "ulong"

  static func addProduct(_ p: PanelProduct, on queue: cl_command_queue) -> cl_int {
    var queue: cl_command_queue? = queue
    return CLBlastDgemv(
      CLBlastLayoutColMajor, p.operation, p.rows, p.columns, 1, p.panel.handle, 0, p.stride,
      p.x.buffer.handle, p.x.offset, 1, 1, p.y.buffer.handle, p.y.offset, 1, &queue, nil
    ).rawValue
  }
}

extension Precision {
  /// The type of numbers in this precision.
  var scalar: any DeviceScalar.Type { self == .single ? Float.self : Double.self }
}
