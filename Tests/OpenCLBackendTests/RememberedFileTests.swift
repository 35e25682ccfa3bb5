import Foundation
import Testing

@testable import OpenCLBackend

/// What is remembered between processes, and what happens to it there.
@Suite final class RememberedFileTests {
  private let root: String
  private let file: RememberedFile<ProductKernels>
  private var path: String { file.folder.path + "/gemv" }

  init() throws {
    root = FileManager.default.temporaryDirectory.path + "/choices-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    file = RememberedFile(folder: CacheFolder(root + "/sparse-recovery"))
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  @Test func keepsTheLatestChoiceOfEachKey() throws {
    #expect(file.value(for: "a") == nil)
    file.remember(.native, for: "a")
    file.remember(.clblast, for: "b\tc\nd")
    file.remember(.clblast, for: "a")
    #expect(file.value(for: "a") == .clblast)
    #expect(file.value(for: "b\tc\nd") == .clblast)
    #expect(file.value(for: "b") == nil)
    let modes = try [file.folder.path, path].map {
      try FileManager.default.attributesOfItem(atPath: $0)[.posixPermissions] as? Int
    }
    #expect(modes == [0o700, 0o600])
    #expect(try FileManager.default.contentsOfDirectory(atPath: file.folder.path) == ["gemv"])
  }

  @Test func forgetsTheOldestOfVeryMany() {
    for key in 0..<300 { file.remember(.native, for: "\(key)") }
    #expect(file.value(for: "43") == nil)
    #expect(file.value(for: "44") == .native)
    #expect(file.value(for: "299") == .native)
  }

  /// Whatever a file holds: nothing is believed, and it is written anew.
  @Test(arguments: [
    "", "\n", "sparse-recovery gemv 2\nnative\ta\n", "sparse-recovery gemv 1\nnative\ta",
    "sparse-recovery gemv 1\nauto\ta\n", "sparse-recovery gemv 1\nnative a\n",
    "sparse-recovery gemv 1\nnative\ta\nfast\tb\n", "\u{0}\u{1}\u{2}",
  ])
  func measuresAgainAfterDamage(text: String) throws {
    file.remember(.native, for: "a")
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    #expect(file.value(for: "a") == nil)
    file.remember(.clblast, for: "a")
    #expect(file.value(for: "a") == .clblast)
  }

  @Test func damagedTextIsNoText() throws {
    file.remember(.native, for: "a")
    try Data([0xFF, 0xFE, 0x00, 0x0A]).write(to: URL(fileURLWithPath: path))
    #expect(file.value(for: "a") == nil)
  }

  @Test func followsNoLink() throws {
    let elsewhere = RememberedFile<ProductKernels>(folder: CacheFolder(root + "/elsewhere"))
    elsewhere.remember(.native, for: "a")
    // The folder a link.
    try FileManager.default.createSymbolicLink(
      atPath: file.folder.path, withDestinationPath: elsewhere.folder.path)
    #expect(file.value(for: "a") == nil)
    file.remember(.clblast, for: "a")
    #expect(elsewhere.value(for: "a") == .native)
    // The file a link: it is not read, and a file takes its place.
    try FileManager.default.removeItem(atPath: file.folder.path)
    try FileManager.default.createDirectory(
      atPath: file.folder.path, withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o700])
    try FileManager.default.createSymbolicLink(
      atPath: path, withDestinationPath: elsewhere.folder.path + "/gemv")
    #expect(file.value(for: "a") == nil)
    file.remember(.clblast, for: "a")
    #expect(file.value(for: "a") == .clblast)
    #expect(elsewhere.value(for: "a") == .native)
  }

  @Test func trustsNoFolderThatOthersMayWriteTo() throws {
    file.remember(.native, for: "a")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o777], ofItemAtPath: file.folder.path)
    #expect(file.value(for: "a") == nil)
  }

  /// A folder that cannot be made is as good as none.
  @Test func livesWithoutAFolder() {
    let nowhere = RememberedFile<ProductKernels>(
      folder: CacheFolder(root + "/missing/sparse-recovery"))
    nowhere.remember(.native, for: "a")
    #expect(nowhere.value(for: "a") == nil)
  }
}
