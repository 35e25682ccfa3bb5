import CSparseRecovery
import SparseCore

/// A linear operator whose products functions of C compute.
///
/// The header asks the caller for functions that several threads may call at once.
struct CallbackOperator: LinearOperator, @unchecked Sendable {
  private let functions: sr_operator
  private let copy:
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<Int64>?, Int64, UnsafeMutablePointer<Double>?
    ) -> Int32

  /// How many numbers of ours are one of the caller's: 2 where those are complex, and this is the real form.
  private let parts: Int

  var rows: Int { parts * Int(functions.rows) }
  var columns: Int { parts * Int(functions.columns) }
  var fingerprint: UInt64 { functions.fingerprint }

  /// - Parameter given: of the size that it says: of today, or of the time before inner products.
  /// - Throws: for a structure of another size, for sizes that no matrix has, and for inner products of complex columns.
  init(_ given: UnsafePointer<sr_operator>, isComplex: Bool) throws(CallError) {
    let size = MemoryLayout<sr_operator>.size
    let older = MemoryLayout<sr_operator>.offset(of: \.gram) ?? size
    let own = Int(given.pointer(to: \.size)?.pointee ?? 0)
    guard own == size || own == older else {
      throw .argument("size of the operator", "\(own)", "\(size)")
    }
    var functions = sr_operator()
    withUnsafeMutableBytes(of: &functions) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: given, count: own))
    }
    guard functions.rows > 0, functions.columns > 0 else {
      throw .recovery(
        .emptyMatrix(rows: Int(functions.rows), columns: Int(functions.columns)))
    }
    guard let copy = functions.copy_columns else { throw .null("copy_columns") }
    parts = isComplex ? 2 : 1
    guard !isComplex || functions.gram == nil && functions.squared_norms == nil else {
      throw .argument("gram", "a function", "null for complex numbers, as squared_norms")
    }
    guard functions.rows <= Int64(Int32.max), functions.columns <= Int64(Int32.max) else {
      throw .recovery(
        .matrixTooLarge(rows: Int(functions.rows), columns: Int(functions.columns)))
    }
    self.functions = functions
    self.copy = copy
  }

  func copyColumns(
    _ columns: [Int], into target: inout MutableSpan<Double>
  ) throws(RecoveryError) {
    let numbers = columns.map { Int64($0 / parts) }
    let code = target.withUnsafeMutableBufferPointer { target in
      copy(functions.context, numbers, Int64(numbers.count), target.baseAddress)
    }
    try Self.require(code, "copy_columns")
    guard parts == 2 else { return }
    // The second column of a complex one is i times the first.
    for (place, j) in columns.enumerated() where !j.isMultiple(of: 2) {
      for i in stride(from: place * rows, to: (place + 1) * rows, by: 2) {
        (target[i], target[i + 1]) = (-target[i + 1], target[i])
      }
    }
  }

  func apply(_ x: Span<Double>, into y: inout MutableSpan<Double>) throws(RecoveryError) {
    guard let apply = functions.apply else {
      return try ColumnsAlone(whole: self).apply(x, into: &y)
    }
    try Self.require(call(apply, x, into: &y), "apply")
  }

  func adjoint(_ r: Span<Double>, into z: inout MutableSpan<Double>) throws(RecoveryError) {
    guard let adjoint = functions.adjoint else {
      return try ColumnsAlone(whole: self).adjoint(r, into: &z)
    }
    try Self.require(call(adjoint, r, into: &z), "adjoint")
  }

  func gram(
    _ I: [Int], _ J: [Int], weights: [Double]?
  ) throws(RecoveryError) -> [Double]? {
    guard let gram = functions.gram else { return nil }
    let (i, j) = (I.map(Int64.init), J.map(Int64.init))
    var products = [Double](repeating: 0, count: i.count * j.count)
    try Self.require(
      gram(functions.context, i, Int64(i.count), j, Int64(j.count), weights, &products), "gram")
    return products
  }

  func squaredNorms(weights: [Double]?) throws(RecoveryError) -> [Double]? {
    guard let squaredNorms = functions.squared_norms else { return nil }
    var squares = [Double](repeating: 0, count: columns)
    try Self.require(squaredNorms(functions.context, weights, &squares), "squared_norms")
    return squares
  }

  private func call(
    _ product:
      @convention(c) (
        UnsafeMutableRawPointer?, UnsafePointer<Double>?, UnsafeMutablePointer<Double>?
      ) -> Int32,
    _ input: Span<Double>, into output: inout MutableSpan<Double>
  ) -> Int32 {
    input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer {
        product(functions.context, input.baseAddress, $0.baseAddress)
      }
    }
  }

  private static func require(_ code: Int32, _ function: String) throws(RecoveryError) {
    guard code == 0 else { throw .operatorFailure("\(function) returned \(code)") }
  }

  /// The same operator with the products that every operator has.
  private struct ColumnsAlone: LinearOperator {
    let whole: CallbackOperator
    var rows: Int { whole.rows }
    var columns: Int { whole.columns }
    var fingerprint: UInt64 { whole.fingerprint }

    func copyColumns(
      _ columns: [Int], into target: inout MutableSpan<Double>
    ) throws(RecoveryError) {
      try whole.copyColumns(columns, into: &target)
    }
  }
}
