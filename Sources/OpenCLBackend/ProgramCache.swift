import SparseCore

/// Programs as drivers compiled them, kept between processes: a file each.
///
/// A file begins with a header: what it is, the lengths of key and binary, and a checksum of both. The key, which
/// follows whole, says what was compiled for what, so that no file is taken for another. A file that is damaged or
/// of another key is as good as none, and is written again.
struct ProgramCache: Sendable {
  /// Where the files lie.
  let folder: CacheFolder

  /// The most bytes of a binary: those of the drivers known take less than 1 MB.
  static let mostBinaryBytes = 8 << 20
  /// The most files, and their bytes: of some devices with three storages in two precisions each.
  static let mostFiles = 64
  static let mostBytes = 64 << 20

  private static let title = Array("sparse-recovery program 1\n".utf8)
  private static let mostFileBytes = mostBinaryBytes + 1 << 20

  /// In this folder, for any device.
  init(folder: CacheFolder) { self.folder = folder }

  /// Beside what else is remembered; nil where the driver keeps what it compiles itself, and would take longer
  /// otherwise.
  init?(in folder: CacheFolder, for device: OpenCLDevice) {
    guard !Self.keepingPlatforms.contains(device.platform) else { return nil }
    self.init(folder: folder.folder("programs"))
  }

  /// Asked for a program, PoCL compiles every kernel once more, for work-groups of any size: 11 s after 1.7
  /// (PoCL 3.1). NVIDIA's driver hands out PTX, which it may have to assemble again, and finds what it compiled from
  /// source whole in `~/.nv`.
  private static let keepingPlatforms = ["Portable Computing Language", "NVIDIA CUDA"]

  /// The binary kept for a key.
  func binary(for key: String) -> ArraySlice<UInt8>? {
    let key = Array(key.utf8)
    guard let bytes = folder.read(Self.name(key), atMost: Self.mostFileBytes) else { return nil }
    return Self.binary(in: bytes, for: key)
  }

  /// Keeps a binary, and of all that are kept those used last.
  func keep(_ binary: [UInt8], for key: String) {
    let key = Array(key.utf8)
    guard !binary.isEmpty, binary.count <= Self.mostBinaryBytes else { return }
    folder.write(Self.file(binary, for: key), to: Self.name(key))
    folder.keep(atMost: Self.mostFiles, bytes: Self.mostBytes)
  }

  /// The bytes of a file.
  static func file(_ binary: [UInt8], for key: [UInt8]) -> [UInt8] {
    header(of: binary[...], for: key) + key + binary
  }

  /// The binary in the bytes of a file; nil unless it is one, whole, and of this key.
  static func binary(in file: [UInt8], for key: [UInt8]) -> ArraySlice<UInt8>? {
    let start = title.count + 3 * MemoryLayout<UInt64>.size + key.count
    guard file.count > start else { return nil }
    let binary = file[start...]
    return file[..<start].elementsEqual(header(of: binary, for: key) + key) ? binary : nil
  }

  private static func header(of binary: ArraySlice<UInt8>, for key: [UInt8]) -> [UInt8] {
    let sum = checksum(key[...], binary)
    return [UInt64(key.count), UInt64(binary.count), sum].reduce(into: title) { header, number in
      withUnsafeBytes(of: number.littleEndian) { header.append(contentsOf: $0) }
    }
  }

  /// Keys are long; files that meet under one name take turns.
  private static func name(_ key: [UInt8]) -> String {
    String(checksum(key[...]), radix: 16)
  }

  /// It notices accidents. Nobody but the user writes to the folder.
  private static func checksum(_ parts: ArraySlice<UInt8>...) -> UInt64 {
    var checksum = Checksum()
    for part in parts { checksum.add(bytes: part) }
    return checksum.value
  }
}
