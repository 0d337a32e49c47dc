kubectl rollout status deployment/shop --timeout=60s
kubectl create service nodeport shop-node --tcp=80:80 --node-port=30080
kubectl set selector service shop-node app=shop
kubectl expose deployment shop --name=shop-out --port=80 --type=LoadBalancer
kubectl create ingress front --class=nginx --rule='shop.example/*=shop:80' --rule='stock.example/*=stock:80'
