import COpenCL
import Glibc
import Solvers
import SparseCore
import Synchronization
import TestSupport
import Testing

@testable import OpenCLBackend

/// What calls were seen, from any thread.
private final class Noted<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])

  var all: [Element] { elements.withLock(\.self) }

  func note(_ element: Element) { elements.withLock { $0.append(element) } }

  func forget(where isGone: (Element) -> Bool) { elements.withLock { $0.removeAll(where: isGone) } }
}

/// The bytes of numbers.
private func bytes<Number>(of numbers: [Number]) -> [UInt8] {
  numbers.withUnsafeBytes { Array($0) }
}

/// Programs between processes, and what may become of their files there.
@Suite struct ProgramCacheTests {
  private let folder = TemporaryFolder()
  private var cache: ProgramCache { ProgramCache(folder: CacheFolder(folder.path)) }

  @Test func keepsABinaryForEachKey() throws {
    #expect(cache.binary(for: "a") == nil)
    cache.keep([1, 2, 3], for: "a")
    cache.keep([4], for: "a key\nof two lines")
    cache.keep([5, 6], for: "a")
    #expect(cache.binary(for: "a") == [5, 6])
    #expect(cache.binary(for: "a key\nof two lines") == [4])
    #expect(cache.binary(for: "b") == nil)
    #expect(folder.files.count == 2)
    for name in folder.files {
      var status = stat()
      #expect(stat(folder(name), &status) == 0 && status.st_mode & 0o777 == 0o600)
    }
  }

  /// Nothing is no binary, nor is what would take too much.
  @Test func keepsNothingOfNoUse() {
    cache.keep([], for: "a")
    cache.keep([UInt8](repeating: 1, count: ProgramCache.mostBinaryBytes + 1), for: "b")
    #expect(folder.files.isEmpty)
  }

  /// Cut off anywhere, longer, changed in any byte, or of another key: nothing is believed.
  @Test func believesWholeFilesOnly() {
    let (key, binary) = (Array("the key".utf8), Array("a binary".utf8))
    let file = ProgramCache.file(binary, for: key)
    #expect(ProgramCache.binary(in: file, for: key).map(Array.init) == binary)
    #expect(ProgramCache.binary(in: file, for: Array("the kez".utf8)) == nil)
    #expect(ProgramCache.binary(in: file, for: Array("the keya".utf8)) == nil)
    #expect(ProgramCache.binary(in: file + [0], for: key) == nil)
    for place in file.indices {
      #expect(ProgramCache.binary(in: Array(file[..<place]), for: key) == nil)
      for bit in 0..<8 {
        var damaged = file
        damaged[place] ^= 1 << UInt8(bit)
        #expect(ProgramCache.binary(in: damaged, for: key) == nil)
      }
    }
  }

  /// What was used last stays, in number and in bytes, whoever wrote it.
  @Test func forgetsWhatWasNotUsedForLongest() {
    for place in 0..<ProgramCache.mostFiles { cache.keep([1], for: "\(place)") }
    let stray = folder("stray.1234")
    close(open(stray, O_CREAT | O_WRONLY, 0o600))
    for name in folder.files {
      var times = [timespec(tv_sec: 1000, tv_nsec: 0), timespec(tv_sec: 1000, tv_nsec: 0)]
      utimensat(AT_FDCWD, folder(name), &times, 0)
    }
    for place in 1..<ProgramCache.mostFiles { _ = cache.binary(for: "\(place)") }
    // All were read since, but the first and the stray one.
    cache.keep([1], for: "one more")
    #expect(folder.files.count == ProgramCache.mostFiles)
    #expect(access(stray, F_OK) != 0 && cache.binary(for: "0") == nil)
    #expect(cache.binary(for: "1") == [1] && cache.binary(for: "one more") == [1])
  }

  @Test func keepsNoMoreBytesThanAllowed() {
    let large = [UInt8](repeating: 7, count: ProgramCache.mostBinaryBytes)
    let most = ProgramCache.mostBytes / ProgramCache.mostBinaryBytes
    for place in 0...most { cache.keep(large, for: "\(place)") }
    // Headers take a little beside.
    #expect(folder.files.count == most - 1)
    #expect(cache.binary(for: "\(most)") != nil)
  }

  /// A variable turns off all that is remembered; without a folder of the user there is none either.
  @Test func isTurnedOff() {
    let home = folder.path
    let variables = ["HOME": home]
    #expect(CacheFolder { variables[$0] }?.path == home + "/.cache/sparse-recovery")
    #expect(CacheFolder { ["SPARSE_RECOVERY_CACHE": "0", "HOME": home][$0] } == nil)
    #expect(CacheFolder { ["HOME": "here"][$0] } == nil)
    #expect(
      CacheFolder { ["XDG_CACHE_HOME": home, "HOME": "/"][$0] }?.path == home + "/sparse-recovery")
    rmdir(home + "/.cache")
  }
}

extension OnDevice {
  /// Programs that drivers compiled before.
  @Suite struct Programs {
    private let folder = TemporaryFolder()
    private var cache: ProgramCache { ProgramCache(folder: CacheFolder(folder.path)) }

    /// A solve, with the names of the calls that it took.
    private func solve(
      _ cache: ProgramCache?, _ calls: OpenCLCalls = OpenCLCalls()
    ) throws -> (Outcome, [String]) {
      let fault = Fault()
      let backend = try OpenCLBackend(calls: calls.failing(fault), programs: cache)
      let solution = try SmallProblem.solve(
        SmallProblem.problem(), on: backend, gradient: .blocked)
      return (Outcome(solution), fault.names)
    }

    private static let made = "clCreateProgramWithSource"
    private static let found = "clCreateProgramWithBinary"
    private static let asked = "clGetProgramInfo"

    /// One for vectors and one for products are compiled once, and give the same bits afterwards.
    @Test func areCompiledOnce() throws {
      let (plain, names) = try solve(nil)
      #expect(!names.contains(Self.found) && !names.contains(Self.asked))
      let (first, cold) = try solve(cache)
      #expect(cold.count { $0 == Self.made } == 2 && cold.count { $0 == Self.asked } == 2)
      #expect(folder.files.count == 2)
      let (second, warm) = try solve(cache)
      #expect(warm.count { $0 == Self.found } == 2)
      #expect(!warm.contains(Self.made) && !warm.contains(Self.asked))
      #expect(first == plain && second == plain)
    }

    /// Files that are damaged, or hold what the driver does not take, are written again.
    @Test func areCompiledAnewAfterDamage() throws {
      let (plain, _) = try solve(cache)
      let kept = folder.files
      for name in kept { truncate(folder(name), 100) }
      #expect(try solve(cache).0 == plain)
      let (again, warm) = try solve(cache)
      #expect(again == plain && !warm.contains(Self.made) && folder.files == kept)
    }

    /// What a driver answers for a program that it compiled before: it refuses it, fails to build it, or
    /// has forgotten for how many items.
    @Test(arguments: 0..<3) func areCompiledWhereTheDriverDoesNotTakeThem(way: Int) throws {
      let (plain, _) = try solve(cache)
      var calls = OpenCLCalls()
      let whole = calls
      let compiled = Noted<UInt>()
      calls.makeCompiledProgram = { context, device, bytes in
        if way == 0 { return (nil, CL_INVALID_BINARY) }
        let made = whole.makeCompiledProgram(context, device, bytes)
        compiled.note(UInt(bitPattern: made.handle))
        return made
      }
      calls.build = { program, device, options in
        way == 1 && compiled.all.contains(UInt(bitPattern: program))
          ? CL_BUILD_PROGRAM_FAILURE : whole.build(program, device, options)
      }
      calls.makeKernel = { program, name in
        let made = whole.makeKernel(program, name)
        if compiled.all.contains(UInt(bitPattern: program)) {
          compiled.note(UInt(bitPattern: made.handle))
        }
        return made
      }
      // The driver may give an address to the next object at once.
      calls.release = { object, handle in
        compiled.forget { $0 == UInt(bitPattern: handle) }
        whole.release(object, handle)
      }
      calls.groupSize = { kernel, device in
        let query = whole.groupSize(kernel, device)
        return { room, fact, length in
          guard way == 2, compiled.all.contains(UInt(bitPattern: kernel)) else {
            return query(room, fact, length)
          }
          fact?.initializeMemory(as: UInt8.self, repeating: 0, count: room)
          return CL_SUCCESS
        }
      }
      let ledger = Ledger()
      let (solution, names) = try solve(cache, ledger.counting(calls))
      #expect(solution == plain && names.count { $0 == Self.made } == 2)
      #expect(ledger.alive.isEmpty && ledger.unknown.isEmpty)
    }

    /// A driver that does not give what it compiled, or a folder that cannot be written to.
    @Test func areNotMissed() throws {
      let (plain, _) = try solve(nil)
      var calls = OpenCLCalls()
      calls.binary = { _, _ in ([], CL_OUT_OF_HOST_MEMORY) }
      #expect(try solve(cache, calls).0 == plain)
      #expect(folder.files.isEmpty)
      let nowhere = ProgramCache(folder: CacheFolder(folder("missing/programs")))
      #expect(try solve(nowhere).0 == plain)
    }

    /// Drivers that keep their own, of which one would compile more only to be asked, are left alone.
    @Test(arguments: [
      ("Portable Computing Language", false), ("NVIDIA CUDA", false),
      ("Intel(R) OpenCL", true), ("AMD Accelerated Parallel Processing", true),
    ])
    func areLeftToDriversThatKeepTheirOwn(platform: String, isKept: Bool) throws {
      let first = try #require(OpenCLBackend.devices().first)
      let device = try #require(
        OpenCLDevice(first.handle, platform: platform, OpenCLCalls()))
      let kept = ProgramCache(in: CacheFolder(folder.path), for: device)
      #expect((kept != nil) == isKept)
      #expect(kept.map { $0.folder.path } == (isKept ? folder("programs") : nil))
    }

    /// Options of another value, another driver and another source are other programs.
    @Test func areKnownByAllThatTheyDependOn() throws {
      let device = try #require(OpenCLBackend.devices().first)
      var options = Program.Options(text: "-DA=1", source: "x")
      var keys = [options.key(on: device)]
      options.wishes = "-wish"
      keys.append(options.key(on: device))
      keys.append(Program.Options(text: "-DA=2", source: "x").key(on: device))
      keys.append(Program.Options(text: "-DA=1", source: "y").key(on: device))
      #expect(Set(keys).count == 4)
      for fact in [device.name, device.driverVersion, device.versions, device.platform] {
        #expect(!fact.isEmpty && keys[0].contains(fact))
      }
    }
  }

  /// Options that only some compilers take.
  @Suite struct Wishes {
    /// The first device, saying something else to some questions.
    private static func device(
      _ kind: cl_int, vendor: String, extensions: String, subGroups: [Int]
    ) throws -> OpenCLDevice {
      let first = try #require(OpenCLBackend.devices().first)
      var calls = OpenCLCalls()
      let ask = calls.deviceInfo
      calls.deviceInfo = { device, key in
        func answer(_ bytes: [UInt8]) -> OpenCLCalls.Query {
          { room, fact, length in
            length?.pointee = bytes.count
            fact?.copyMemory(from: bytes, byteCount: min(room, bytes.count))
            return CL_SUCCESS
          }
        }
        return switch key {
        case CL_DEVICE_TYPE: answer(bytes(of: [cl_device_type(kind)]))
        case CL_DEVICE_VENDOR: answer(Array(vendor.utf8) + [0])
        case CL_DEVICE_EXTENSIONS: answer(Array(extensions.utf8) + [0])
        case 0x4108: answer(bytes(of: subGroups))
        default: ask(device, key)
        }
      }
      return try #require(OpenCLDevice(first.handle, platform: first.platform, calls))
    }

    private static let known = "cl_khr_fp64 cl_intel_required_subgroup_size cl_intel_subgroups"

    /// Twice the registers, and the smallest sub-groups there are: on GPUs of Intel that say which.
    @Test func areThoseOfIntelsGPUs() throws {
      func wishes(
        _ kind: cl_int = CL_DEVICE_TYPE_GPU, vendor: String = "Intel(R) Corporation",
        extensions: String = Self.known, subGroups: [Int] = [32, 16]
      ) throws -> String {
        let device = try Self.device(
          kind, vendor: vendor, extensions: extensions, subGroups: subGroups)
        return Program.Options.products(
          Double.self, stored: .double, groupSize: 128, shape: .grouped, on: device
        ).wishes
      }
      #expect(try wishes() == "-cl-intel-256-GRF-per-thread -DSUB_GROUP=16")
      #expect(try wishes(subGroups: [8, 16, 32]).hasSuffix("-DSUB_GROUP=8"))
      #expect(try wishes(CL_DEVICE_TYPE_CPU).isEmpty)
      #expect(try wishes(vendor: "NVIDIA Corporation").isEmpty)
      #expect(try wishes(extensions: "cl_khr_fp64").isEmpty)
      #expect(try wishes(subGroups: []).isEmpty)
    }

    /// A compiler that refuses them compiles without, and errors are those of that.
    @Test func areGivenUpWhereTheyAreRefused() throws {
      let device = try Self.device(
        CL_DEVICE_TYPE_GPU, vendor: "Intel", extensions: Self.known, subGroups: [16])
      let asked = Noted<String>()
      var calls = OpenCLCalls()
      let build = calls.build
      calls.build = { program, device, options in
        asked.note(options)
        return options.contains("256-GRF")
          ? CL_INVALID_BUILD_OPTIONS : build(program, device, options)
      }
      let backend = try OpenCLBackend(device, calls: calls, kernels: .native)
      let problem = try SmallProblem.problem()
      #expect(
        try SmallProblem.solve(problem, on: backend, gradient: .blocked).support
          == SmallProblem.solve(
            problem, on: OpenCLBackend(calls: OpenCLCalls()), gradient: .blocked
          ).support)
      let products = asked.all.filter { $0.contains("-DSTORED") }
      #expect(products.count == 2)
      #expect(products[0] == products[1] + " -cl-intel-256-GRF-per-thread -DSUB_GROUP=16")
    }
  }
}
