// The border to Python: bytes in, bytes out. See engine/native.py for what it is used by.
//
// Theory of operation. Nothing is decided here. What Python hands in is copied or pinned, the lock
// of the interpreter is released while the engine works, and what came of it is said by a number
// (`Status`), never by an exception of C++. One thread at a time may use an engine: `Busy` refuses
// a second one, which without the lock would find the state half changed.
#include <nanobind/nanobind.h>

#include <atomic>

#include "engine.hpp"
#include "flow.hpp"

namespace nb = nanobind;

namespace coinport {
namespace {

// Bytes that Python owns, for as long as this lives.
class Pinned {
public:
    explicit Pinned(nb::handle object) {
        if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_SIMPLE) != 0) throw nb::python_error();
    }
    Pinned(const Pinned&) = delete;
    Pinned& operator=(const Pinned&) = delete;
    ~Pinned() { PyBuffer_Release(&view_); }

    const u8* data() const { return static_cast<const u8*>(view_.buf); }
    std::size_t size() const { return static_cast<std::size_t>(view_.len); }

private:
    Py_buffer view_;
};

// What Python cannot change may be looked at where it is.
Packed packed_of(const nb::bytes& lengths, const nb::bytes& data) {
    const Packed packed{static_cast<const u8*>(data.data()), data.size(),
                        static_cast<const u32*>(lengths.data()), lengths.size() / sizeof(u32)};
    if (lengths.size() % sizeof(u32)) throw nb::value_error("lengths are 32-bit numbers");
    u64 sum = 0;
    for (std::size_t at = 0; at < packed.count; ++at) sum += packed.lengths[at];
    if (sum != packed.bytes) throw nb::value_error("the lengths do not add up to the data");
    return packed;
}

// Many pieces of bytes, one behind the other.
struct Batch {
    std::vector<u8> data;
    std::vector<u32> lengths;

    explicit Batch(nb::sequence items) {
        for (nb::handle item : items) {
            const Pinned bytes(item);
            data.insert(data.end(), bytes.data(), bytes.data() + bytes.size());
            lengths.push_back(static_cast<u32>(bytes.size()));
        }
    }
    Packed packed() const { return {data.data(), data.size(), lengths.data(), lengths.size()}; }
};

nb::bytes bytes_of(const void* data, std::size_t bytes) {
    return nb::bytes(bytes ? data : "", bytes);
}

class Core {
public:
    nb::list read(nb::sequence commands) { return read_batch(Batch(commands).packed()); }
    nb::list read_packed(nb::bytes lengths, nb::bytes data) {
        return read_batch(packed_of(lengths, data));
    }
    bool substitute(u32 at, nb::bytes data) {
        const Busy busy(*this);
        return engine_.substitute(at, static_cast<const u8*>(data.data()), data.size());
    }
    int decide(i64 time) {
        const Busy busy(*this);
        nb::gil_scoped_release released;
        return static_cast<int>(engine_.decide(time));
    }
    nb::list records() {
        const Busy busy(*this);
        const Packed packed = engine_.records();
        nb::list found;
        const u8* at = packed.data;
        for (std::size_t i = 0; i < packed.count; ++i) {
            found.append(bytes_of(at, packed.lengths[i]));
            at += packed.lengths[i];
        }
        return found;
    }
    nb::tuple packed() {
        const Busy busy(*this);
        const Packed packed = engine_.records();
        return nb::make_tuple(bytes_of(packed.lengths, packed.count * sizeof(u32)),
                              bytes_of(packed.data, packed.bytes));
    }
    nb::tuple replay(nb::sequence records) { return replay_batch(Batch(records).packed()); }
    nb::tuple replay_packed(nb::bytes lengths, nb::bytes data) {
        return replay_batch(packed_of(lengths, data));
    }
    nb::bytes snapshot() {
        const Busy busy(*this);
        Writer out;
        {
            nb::gil_scoped_release released;
            engine_.snapshot(out);
        }
        return bytes_of(out.data(), out.size());
    }
    int restore(nb::handle data) {
        const Busy busy(*this);
        const Pinned bytes(data);
        nb::gil_scoped_release released;
        return static_cast<int>(engine_.restore(bytes.data(), bytes.size()));
    }
    u64 sequence() const { return engine_.sequence(); }
    i64 time() const { return engine_.time(); }
    std::size_t memory_of_orders() const { return engine_.memory_of_orders(); }

private:
    class Busy {
    public:
        explicit Busy(Core& core) : core_(core) {
            if (core.busy_.exchange(true))
                throw std::runtime_error("another thread is using this engine");
        }
        Busy(const Busy&) = delete;
        Busy& operator=(const Busy&) = delete;
        ~Busy() { core_.busy_ = false; }

    private:
        Core& core_;
    };

    nb::list read_batch(const Packed& batch) {
        const Busy busy(*this);
        {
            nb::gil_scoped_release released;
            engine_.read(batch);
        }
        nb::list unreadable;
        for (const u32 at : engine_.unreadable()) unreadable.append(at);
        return unreadable;
    }
    nb::tuple replay_batch(const Packed& batch) {
        const Busy busy(*this);
        Status status;
        {
            nb::gil_scoped_release released;
            status = engine_.replay(batch);
        }
        return nb::make_tuple(static_cast<int>(status), engine_.replayed(),
                              engine_.refused_sequence());
    }

    Engine engine_;
    std::atomic<bool> busy_ = false;
};

nb::tuple run_book(BookAlone& book, nb::handle flow) {
    const Pinned bytes(flow);
    bool sound;
    {
        nb::gil_scoped_release released;
        sound = book.run(bytes.data(), bytes.size());
    }
    if (!sound) throw nb::value_error("this is not an order flow");
    return nb::make_tuple(book.trades, book.volume, book.hash);
}

}  // namespace

void bind_texts(nb::module_& module);  // module_texts.cpp

NB_MODULE(_native, module) {
    nb::set_leak_warnings(false);  // Python does not take modules apart when it ends
    module.attr("DONE") = static_cast<int>(Status::DONE);
    module.attr("UNREADABLE") = static_cast<int>(Status::UNREADABLE);
    module.attr("GAP") = static_cast<int>(Status::GAP);
    module.attr("MISFIT") = static_cast<int>(Status::MISFIT);
    module.attr("BROKEN") = static_cast<int>(Status::BROKEN);
    nb::class_<Core>(module, "Core")
        .def(nb::init<>())
        .def("read", &Core::read)
        .def("read_packed", &Core::read_packed)
        .def("substitute", &Core::substitute)
        .def("decide", &Core::decide)
        .def("records", &Core::records)
        .def("packed", &Core::packed)
        .def("replay", &Core::replay)
        .def("replay_packed", &Core::replay_packed)
        .def("snapshot", &Core::snapshot)
        .def("restore", &Core::restore)
        .def_prop_ro("sequence", &Core::sequence)
        .def_prop_ro("time", &Core::time)
        .def_prop_ro("memory_of_orders", &Core::memory_of_orders);
    nb::class_<BookAlone>(module, "BookAlone")
        .def(nb::init<>())
        .def("run", &run_book)
        .def_prop_ro("memory", &BookAlone::memory);
    bind_texts(module);
}

}  // namespace coinport
