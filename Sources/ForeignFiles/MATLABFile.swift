internal import CForeignFiles
import Glibc
import MatrixFiles
import SparseCore

/// MATLAB's files, read by libmatio.
enum MATLABFile {
  /// The most variables that are looked at, and that a message lists.
  private static let most = (variables: 10_000, listed: 8)

  /// Writes the variable called `name`, or the only matrix of numbers, as a .npy, of complex numbers where they are.
  ///
  /// - Returns: that a sparse matrix became dense.
  /// - Throws: ``FileError``; where there is not one such matrix, with all variables and their shapes.
  static func decode(
    _ file: FileContents, at systemPath: String, variable name: String?,
    into output: inout LimitedOutput
  ) throws(FileError) -> [FileGuess] {
    try MATLABStructure.check(file)
    ff_silence_libraries()
    let source = try MATLABSource(file, at: systemPath)
    let variables = try source.variables(most: most.variables)
    let matching = variables.filter { name == nil ? $0.isMatrix : $0.name == name }
    guard let variable = matching.first, matching.count == 1 else {
      let sorted = variables.filter(\.isMatrix) + variables.filter { !$0.isMatrix }
      let list = sorted.prefix(most.listed).map(\.description).joined(separator: ", ")
      throw .malformed(
        path: file.path, position: nil,
        expected: name.map { "a variable \($0.oneLine(limit: 64))" }
          ?? "one matrix of numbers, or FILE.mat:NAME with the name of one",
        found: variables.isEmpty
          ? "no variables" : list + (variables.count > most.listed ? ", …" : ""))
    }
    guard variable.isMatrix else {
      throw .unsupported(
        path: file.path, expected: "a matrix of numbers", found: variable.description)
    }
    // No file of HDF5 holds more: a byte at least for each number, and no stream of deflate more than that for a byte.
    guard variable.bytes / 8 / 1032 <= file.bytes.count else {
      throw .malformed(
        path: file.path, position: nil, expected: "at most 1032 numbers for each byte",
        found: "\(variable) in \(file.bytes.count) bytes")
    }
    try output.require(variable.bytes)
    try source.write(variable, into: &output)
    return variable.isSparse ? [.sparse("MATLAB")] : []
  }
}

/// What a variable of a file is, without its numbers.
private struct MATLABVariable: CustomStringConvertible {
  let name: String
  let kind: matio_classes
  let dimensions: [Int]
  let isComplex: Bool

  init(_ variable: matvar_t) {
    name = variable.name.map { String(cString: $0) } ?? ""
    kind = variable.class_type
    dimensions =
      variable.dims == nil
      ? [] : (0..<max(0, Int(variable.rank))).map { Int(clamping: variable.dims[$0]) }
    isComplex = variable.isComplex != 0
  }

  var isSparse: Bool { kind == MAT_C_SPARSE }

  /// How many numbers an entry is: two where it is complex.
  var parts: Int { isComplex ? 2 : 1 }

  /// Whether it is a matrix of numbers.
  var isMatrix: Bool {
    let isNumeric = (MAT_C_SPARSE.rawValue...MAT_C_UINT64.rawValue) ~= kind.rawValue
    return isNumeric && dimensions.count == 2 && dimensions.allSatisfy { $0 > 0 }
  }

  /// What the matrix takes as a .npy, where that can be addressed.
  var bytes: Int {
    let (count, overflow) = dimensions[0].multipliedReportingOverflow(by: dimensions[1])
    let (bytes, overflow2) = count.multipliedReportingOverflow(
      by: parts * (kind == MAT_C_SINGLE ? 4 : 8))
    return overflow || overflow2 ? .max : bytes
  }

  var description: String {
    let shape = dimensions.map(String.init).joined(separator: " × ")
    let kinds: [matio_classes.RawValue: String] = [
      MAT_C_CELL.rawValue: "cell", MAT_C_STRUCT.rawValue: "struct", MAT_C_OBJECT.rawValue: "object",
      MAT_C_CHAR.rawValue: "char", MAT_C_SPARSE.rawValue: "sparse",
      MAT_C_FUNCTION.rawValue: "function", MAT_C_OPAQUE.rawValue: "opaque",
    ]
    let words = (isComplex ? ["complex"] : []) + (kinds[kind.rawValue].map { [$0] } ?? [])
    return "\(name.oneLine(limit: 32)) \(shape)"
      + (words.isEmpty ? "" : " (\(words.joined(separator: " ")))")
  }
}

/// A file that libmatio has open.
private struct MATLABSource: ~Copyable {
  private let handle: OpaquePointer
  private let file: FileContents

  init(_ file: FileContents, at systemPath: String) throws(FileError) {
    self.file = file
    guard let handle = Mat_Open(systemPath, CInt(MAT_ACC_RDONLY.rawValue)) else {
      throw .malformed(
        path: file.path, position: nil, expected: "a MATLAB file",
        found: "one that libmatio does not open")
    }
    self.handle = handle
  }

  /// All variables, at most so many.
  func variables(most: Int) throws(FileError) -> [MATLABVariable] {
    var variables: [MATLABVariable] = []
    while let variable = Mat_VarReadNextInfo(handle) {
      variables.append(MATLABVariable(variable.pointee))
      Mat_VarFree(variable)
      guard variables.count < most else {
        throw .malformed(
          path: file.path, position: nil, expected: "at most \(most) variables", found: "more")
      }
    }
    return variables
  }

  /// Writes the numbers of a matrix.
  func write(_ wanted: MATLABVariable, into output: inout LimitedOutput) throws(FileError) {
    Mat_Rewind(handle)
    guard let read = Mat_VarRead(handle, wanted.name) else { throw damaged(wanted) }
    let numbers = MATLABNumbers(read)
    defer { withExtendedLifetime(numbers) {} }
    let variable = read.pointee
    let found = MATLABVariable(variable)
    guard let data = variable.data, found.isMatrix, found.dimensions == wanted.dimensions,
      found.kind == wanted.kind, found.isComplex == wanted.isComplex
    else { throw damaged(wanted) }
    let (rows, columns) = (found.dimensions[0], found.dimensions[1])
    if found.isSparse {
      let matrix: Matrix<Double>?
      do throws(RecoveryError) {
        matrix = try sparse(
          data.load(as: mat_sparse_t.self), variable.data_type, rows, columns, parts: found.parts)
      } catch {
        throw damaged(wanted)
      }
      guard let matrix else { throw damaged(wanted) }
      guard found.isComplex else { return try output.write(.double(matrix)) }
      return try output.write(complexRows: rows, columns: columns) { matrix.elements[$0] }
    }
    guard let element = MATLABElement(variable.data_type),
      variable.nbytes >= rows * columns * element.size
    else { throw damaged(wanted) }
    if found.isComplex {
      let split = data.load(as: mat_complex_split_t.self)
      guard let real = split.Re, let imaginary = split.Im else { throw damaged(wanted) }
      func number(_ p: Int) -> Double {
        element.number(p / 2, of: p.isMultiple(of: 2) ? real : imaginary)
      }
      guard element == .single else {
        return try output.write(complexRows: rows, columns: columns, number: number)
      }
      return try output.write(complexRows: rows, columns: columns) { Float(number($0)) }
    }
    let matrix: DenseMatrix
    do throws(RecoveryError) {
      matrix = try numbers.matrix(rows, columns, of: element, at: data)
    } catch {
      throw damaged(wanted)
    }
    try output.write(matrix)
  }

  /// The numbers of a sparse matrix, of a complex one the rows of its parts; nil where its places are none.
  private func sparse(
    _ sparse: mat_sparse_t, _ type: matio_types, _ rows: Int, _ columns: Int, parts: Int
  ) throws(RecoveryError) -> Matrix<Double>? {
    let split = parts == 2 ? sparse.data?.load(as: mat_complex_split_t.self) : nil
    let numbers = (parts == 1 ? [sparse.data] : [split?.Re, split?.Im]).compactMap(\.self)
    let (places, starts) = (Int(sparse.nir), Int(sparse.njc))
    guard starts >= columns + 1, let jc = sparse.jc, let element = MATLABElement(type) else {
      return nil
    }
    let count = Int(jc[columns])
    guard count <= places, count <= Int(sparse.ndata),
      count == 0 || sparse.ir != nil && numbers.count == parts,
      jc[0] == 0, (0..<columns).allSatisfy({ jc[$0] <= jc[$0 + 1] }),
      (0..<count).allSatisfy({ sparse.ir[$0] < rows })
    else { return nil }
    return try Matrix(rows: parts * rows, columns: columns) { target in
      target.initialize(repeating: 0)
      for j in 0..<columns {
        for p in Int(jc[j])..<Int(jc[j + 1]) {
          let place = parts * (Int(sparse.ir[p]) + j * rows)
          for part in 0..<parts { target[place + part] += element.number(p, of: numbers[part]) }
        }
      }
    }
  }

  private func damaged(_ variable: MATLABVariable) -> FileError {
    .malformed(
      path: file.path, position: nil, expected: "the numbers of \(variable)",
      found: "damaged or missing ones")
  }

  deinit { Mat_Close(handle) }
}

/// A variable that libmatio has read, with its numbers, released with this value.
private final class MATLABNumbers: @unchecked Sendable {
  private let variable: UnsafeMutablePointer<matvar_t>

  init(_ variable: UnsafeMutablePointer<matvar_t>) { self.variable = variable }

  /// A matrix of its numbers, where they are real: without a copy, if they are floating point.
  func matrix(
    _ rows: Int, _ columns: Int, of element: MATLABElement, at data: UnsafeMutableRawPointer
  ) throws(RecoveryError) -> DenseMatrix {
    let count = rows * columns
    return switch element {
    case .double:
      .double(try matrix(rows, columns, data.bindMemory(to: Double.self, capacity: count)))
    case .single:
      .single(try matrix(rows, columns, data.bindMemory(to: Float.self, capacity: count)))
    default:
      .double(
        try Matrix(rows: rows, columns: columns) { target in
          for p in target.indices {
            target.initializeElement(at: p, to: element.number(p, of: data))
          }
        })
    }
  }

  private func matrix<Scalar>(
    _ rows: Int, _ columns: Int, _ numbers: UnsafeMutablePointer<Scalar>
  ) throws(RecoveryError) -> Matrix<Scalar> {
    try Matrix(
      rows: rows, columns: columns,
      borrowing: UnsafeBufferPointer(start: numbers, count: rows * columns), from: self)
  }

  deinit { Mat_VarFree(variable) }
}

/// How libmatio has the numbers of a variable in memory.
private enum MATLABElement {
  case double, single, int8, int16, int32, int64, uint8, uint16, uint32, uint64

  init?(_ type: matio_types) {
    switch type {
    case MAT_T_DOUBLE: self = .double
    case MAT_T_SINGLE: self = .single
    case MAT_T_INT8: self = .int8
    case MAT_T_INT16: self = .int16
    case MAT_T_INT32: self = .int32
    case MAT_T_INT64: self = .int64
    case MAT_T_UINT8: self = .uint8
    case MAT_T_UINT16: self = .uint16
    case MAT_T_UINT32: self = .uint32
    case MAT_T_UINT64: self = .uint64
    default: return nil
    }
  }

  /// In bytes.
  var size: Int {
    switch self {
    case .int8, .uint8: 1
    case .int16, .uint16: 2
    case .single, .int32, .uint32: 4
    case .double, .int64, .uint64: 8
    }
  }

  /// Number `p` of those that begin at `data`.
  func number(_ p: Int, of data: UnsafeMutableRawPointer) -> Double {
    let place = data + p * size
    return switch self {
    case .double: place.loadUnaligned(as: Double.self)
    case .single: Double(place.loadUnaligned(as: Float.self))
    case .int8: Double(place.loadUnaligned(as: Int8.self))
    case .int16: Double(place.loadUnaligned(as: Int16.self))
    case .int32: Double(place.loadUnaligned(as: Int32.self))
    case .int64: Double(place.loadUnaligned(as: Int64.self))
    case .uint8: Double(place.loadUnaligned(as: UInt8.self))
    case .uint16: Double(place.loadUnaligned(as: UInt16.self))
    case .uint32: Double(place.loadUnaligned(as: UInt32.self))
    case .uint64: Double(place.loadUnaligned(as: UInt64.self))
    }
  }
}
