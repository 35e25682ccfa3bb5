import ReferenceBackend
import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@testable import OpenCLBackend

extension OnDevice {
  /// Atoms stored less precisely than the engine computes.
  @Suite struct Storages {
    static let cases: [(rows: Int, columns: Int, storage: AtomStorage)] = OnDevice.shapes.flatMap {
      shape in [AtomStorage.single, .half].map { (shape.rows, shape.columns, $0) }
    }

    /// Products are off by no more than the engine says.
    @Test(arguments: cases, OnDevice.precisions)
    func agreeWithTheReference(
      the: (rows: Int, columns: Int, storage: AtomStorage), precision: Precision
    ) throws {
      var generator = SeededGenerator(seed: 31)
      let atoms = try Atoms(DenseMatrix.double(generator.matrix(the.rows, the.columns, padding: 5)))
      let reference = try ReferenceBackend().load(atoms, precision: .double)
      for products in [Products.grouped, .wide] {
        let engine = try products.engine(
          atoms, precision, panelColumns: 300, storage: the.storage)
        #expect(
          (engine.storageRoundoff > 0) == (the.storage == .half || precision == .double))
        #expect(engine.storageRoundoff < 0x1p-10)
        try expectProductsAgree(engine, reference, atoms, seed: 32)
      }
    }

    /// Numbers far outside the range of the stored type, and near both of its ends.
    @Test(arguments: OnDevice.precisions, [AtomStorage.single, .half])
    func keepColumnsInRange(precision: Precision, storage: AtomStorage) throws {
      for (normalize, magnitude) in [(true, 1e150), (true, 1e-300), (false, 1e15), (false, 1e-15)]
        + (precision == .double ? [(false, 0x1p-1015), (true, 0x1p-1015)] : [])
      {
        let entries = [1, 0, 0, 1e-3, 0.5, 1e-6, 1, -1, 1].map { $0 * magnitude }
        let atoms = try Atoms(
          DenseMatrix.double(Matrix(rows: 3, columns: 3, columnMajor: entries)),
          normalize: normalize)
        let engine = try Products.wide.engine(atoms, precision, storage: storage)
        try expectProductsAgree(
          engine, ReferenceBackend().load(atoms, precision: .double), atoms, seed: 33)
      }
    }

    /// Columns that are not normalised may be beyond single precision.
    @Test(arguments: [1e39, 1e-40]) func refuseWhatSinglePrecisionCannotHold(size: Double) throws {
      let atoms = try Atoms(
        DenseMatrix.double(Matrix(rows: 1, columns: 1, columnMajor: [size])), normalize: false)
      #expect(throws: RecoveryError.self) { try OpenCLBackend().load(atoms, precision: .single) }
    }

    @Test(arguments: OnDevice.precisions) func takeFewerBytes(precision: Precision) throws {
      var generator = SeededGenerator(seed: 34)
      let atoms = try Atoms(DenseMatrix.double(generator.matrix(320, 1000)))
      let bytes = try [AtomStorage.full, .half].map {
        try Products.wide.engine(atoms, precision, storage: $0).deviceBytes
      }
      #expect(bytes[0] - bytes[1] == 320 * 1000 * (precision.byteCount - 2))
    }

    @Test func refuseCLBlast() throws {
      #expect(
        throws: RecoveryError.invalidOption(
          name: "kernels", value: "clblast", expected: "auto or native with half storage")
      ) { try OpenCLBackend(kernels: .clblast, storage: .half) }
    }

    @Test func sayHowTheyStore() throws {
      let backend = try OpenCLBackend(kernels: .native, storage: .half)
      #expect(backend.identity.library.hasPrefix("native kernels, atoms in half precision, driver"))
      let matrix = try Matrix<Double>(rows: 1, columns: 1, columnMajor: [1])
      let engine = try backend.load(Atoms(DenseMatrix.double(matrix)), precision: .single)
      #expect(engine.identity == backend.identity)
    }
  }
}

/// Conversion to halves, against the definition.
@Suite struct HalfTests {
  /// The value of the bits of a finite half of no sign.
  private func value(_ bits: UInt16) -> Float {
    let (exponent, digits) = (Int(bits >> 10), Float(bits & 0x3FF))
    return exponent == 0
      ? digits * 0x1p-24 : Float(sign: .plus, exponent: exponent - 25, significand: 1024 + digits)
  }

  /// Every half stands for itself; halfway to the next, the even one is taken, and next to halfway
  /// the nearer one.
  @Test func roundsToNearestEven() {
    for bits in UInt16(0)..<0x7BFF {
      let (low, high) = (value(bits), value(bits + 1))
      let middle = (low + high) / 2
      #expect(Half.bits(of: low) == bits && Half.bits(of: -low) == bits | 0x8000)
      #expect(Half.bits(of: middle) == bits + bits % 2)
      #expect(Half.bits(of: middle.nextDown) == bits)
      #expect(Half.bits(of: middle.nextUp) == bits + 1)
    }
    #expect(value(0x7BFF) == 65504)
    #expect(Half.bits(of: 65504) == 0x7BFF)
    #expect(Half.bits(of: 0x1p-149) == 0)
  }
}
