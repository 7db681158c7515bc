import os
if os.environ.get("FW_PROF"):
    import threading, time, json
    def _w():
        while True:
            time.sleep(2)
            try:
                p=f"/tmp/bench/names-{os.getpid()}.json"
                open(p+".t","w").write(json.dumps({t.native_id: t.name for t in threading.enumerate()})); os.rename(p+".t",p)
            except Exception: pass
    threading.Thread(target=_w,daemon=True,name="names").start()
