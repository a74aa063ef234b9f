//! What parks a script lets the others run.

use outlast_fiber::{NoHooks, run_to_end};
use outlast_host::blocking::{blocking, sleep};
use outlast_host::pipe::select;
use outlast_host::process::{Descriptor, Exit, PipeEnd, Program, run_shell, spawn};
use outlast_host::socket::{Datagrams, Listener, Stream};
use outlast_host::{HostError, random, system};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

fn script<R: 'static>(body: impl FnOnce() -> R + 'static) -> R {
    run_to_end(Rc::new(NoHooks), body).unwrap().unwrap()
}

#[test]
fn blocking_work_comes_back() {
    assert_eq!(blocking(|| 1).unwrap(), 1);
    assert_eq!(script(|| blocking(|| 2).unwrap()), 2);
}

#[test]
fn commands_run_and_their_pipes_park() {
    script(|| {
        let here = Path::new("/");
        let (output, exit) = run_shell(b"printf abc; exit 3", here).unwrap();
        assert_eq!((output, exit), (b"abc".to_vec(), Exit { code: Some(3), signal: None }));

        let environment = [(b"WHO".to_vec(), b"me".to_vec())];
        let (child, mut pipes) = spawn(
            Program::Shell(b"read line; echo \"$WHO $line\"; echo extra >&3; pwd"),
            here,
            Some(&environment),
            vec![(0, Descriptor::PipeIn), (1, Descriptor::PipeOut), (3, Descriptor::PipeOut)],
        )
        .unwrap();
        let (Some((3, PipeEnd::Read(extra))), Some((1, PipeEnd::Read(output)))) =
            (pipes.pop(), pipes.pop())
        else {
            panic!("pipes come in the order asked for")
        };
        let nothing = select(&[&output], &[], Some(Duration::from_millis(10))).unwrap();
        assert_eq!(nothing.read, [false]);
        let Some((0, PipeEnd::Write(input))) = pipes.pop() else { panic!("the child's input") };
        input.write(b"hello\n", None).unwrap();
        assert_eq!(select(&[&output], &[], None).unwrap().read, [true]);
        assert_eq!(output.read_all().unwrap(), b"me hello\n/\n");
        assert_eq!(extra.read_all().unwrap(), b"extra\n");
        assert_eq!(child.wait().unwrap().code, Some(0));
        assert!(!child.signal(15));

        let endless = [b"sleep".to_vec(), b"100".to_vec()];
        let (child, _) = spawn(Program::Arguments(&endless), here, None, vec![]).unwrap();
        assert_eq!(child.ended().unwrap(), None);
        assert!(child.signal(15));
        assert_eq!(child.wait().unwrap(), Exit { code: None, signal: Some(15) });
    });
}

#[test]
fn sockets_connect_accept_and_time_out() {
    script(|| {
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let limit = Some(Duration::from_millis(5));
        assert!(matches!(listener.accept(limit), Err(HostError::TimedOut)));
        let port = listener.local_address().unwrap().port();
        let client = Stream::connect("localhost", port, None, None).unwrap();
        assert_eq!(select(&[&listener], &[&client], None).unwrap().write, [true]);
        let (server, _) = listener.accept(None).unwrap();
        assert!(matches!(server.read(&mut [0; 4], limit), Err(HostError::TimedOut)));
        assert_eq!(client.write_all(b"ping", None).unwrap(), 4);
        let mut buffer = [0; 10];
        assert_eq!(server.read(&mut buffer, None).unwrap(), 4);
        drop(client);
        assert_eq!(server.read(&mut buffer, None).unwrap(), 0);

        let one = Datagrams::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let two = Datagrams::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        one.send_to(b"x", two.local_address().unwrap()).unwrap();
        assert_eq!(two.receive_from(&mut buffer, None).unwrap().1, one.local_address().unwrap());
        sleep(Duration::from_millis(1)).unwrap();
    });
}

#[test]
fn the_system_answers() {
    assert_ne!(random::number().unwrap(), random::number().unwrap());
    assert_eq!(system::name().system, "Linux");
    assert!(system::disk_space(Path::new("/")).unwrap().1 > 0);
    assert_eq!(outlast_host::strerror(2), "No such file or directory");
}
